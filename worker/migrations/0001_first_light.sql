-- Rows only: cards, latents and pixels are blobs in R2.

-- Every checkpoint that a backend has or had. `position` orders those that one has now, the default one first.
CREATE TABLE checkpoints (
  digest TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  position INTEGER,
  seen_at TEXT NOT NULL
) STRICT;

-- `state` is the whole GenerationState as JSON; the other columns are what is searched by. Ids grow with time, so that
-- ordering by id is ordering by (created_at, id).
CREATE TABLE generations (
  id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL,
  status TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;

CREATE INDEX generations_by_status ON generations (status, id);

-- `key` says what was asked, `digest` what is stored. The first generation that made a latent keeps it.
CREATE TABLE latents (
  key TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  shape TEXT NOT NULL,
  dtype TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  checkpoint_digest TEXT NOT NULL,
  generation_id TEXT,
  created_at TEXT NOT NULL
) STRICT;
