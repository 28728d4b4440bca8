-- Runs of which some x_t are kept, by their latents' keys: similar prompts may go on from there. A run's x_t are in one
-- blob. `scope` is a digest of all that must be the same for that, `text` the key of the prompt's vectors, `seed` that of
-- the noise, below 2^32. `used_at`, to the hour: what was not used for longest goes first when there is too much.
CREATE TABLE sources (
  key TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  text TEXT NOT NULL,
  seed INTEGER NOT NULL,
  blob TEXT NOT NULL,
  digest TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  used_at TEXT NOT NULL
) STRICT;

CREATE INDEX sources_by_text ON sources (text, scope, seed);
CREATE INDEX sources_by_scope ON sources (scope, seed);
CREATE INDEX sources_by_blob ON sources (blob);
CREATE INDEX sources_by_use ON sources (used_at);

-- Their prompts in the similarity index, and in which collection (JSON) of it: what is there has a row here.
CREATE TABLE source_texts (
  key TEXT PRIMARY KEY,
  collection TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose noise a prompt was given already: asked again without a seed, it is given another one.
CREATE TABLE lent_noise (
  scope TEXT NOT NULL,
  text TEXT NOT NULL,
  seed INTEGER NOT NULL,
  generation_id TEXT NOT NULL,
  PRIMARY KEY (scope, text, seed)
) STRICT, WITHOUT ROWID;

CREATE INDEX lent_noise_by_generation ON lent_noise (generation_id);
