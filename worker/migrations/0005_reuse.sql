-- Which kept generation uses what, by its key: a latent as an IMAGE of its own, as the START of its images, whose picture
-- is in `start_blob`, or as a SPARE one that was not among the best; an encoding as its TEXT. With the last generation
-- that uses it, it goes too; images and starts stay until then. Until now a latent's row had the id of the first one.
CREATE TABLE uses (
  key TEXT NOT NULL,
  generation_id TEXT NOT NULL,
  role TEXT NOT NULL,
  start_blob TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (key, generation_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX uses_by_generation ON uses (generation_id);
CREATE INDEX uses_by_start ON uses (start_blob) WHERE start_blob != '';

INSERT OR IGNORE INTO uses (key, generation_id, role)
SELECT json_extract(image.value, '$.latentKey'), generations.id, 'IMAGE'
FROM generations, json_each(generations.state, '$.images') AS image;
INSERT OR IGNORE INTO uses (key, generation_id, role)
SELECT json_extract(state, '$.parameters.start.latentKey'), id, 'START'
FROM generations WHERE json_extract(state, '$.parameters.start.latentKey') IS NOT NULL;

-- With what it was computed, as JSON: whoever is answered with it is told so. Null where that is not known.
ALTER TABLE latents ADD COLUMN made_with TEXT;
UPDATE latents SET made_with = (
  SELECT json_object(
    'runtime', json_extract(state, '$.record.runtime'),
    'executionProvider', json_extract(state, '$.record.executionProvider'),
    'darkroom', json_extract(state, '$.record.darkroom'))
  FROM generations WHERE generations.id = latents.generation_id AND json_extract(state, '$.record.runtime') IS NOT NULL
);
ALTER TABLE latents DROP COLUMN generation_id;

-- What the discriminator said of the pixels; null while it was not asked.
ALTER TABLE latents ADD COLUMN score REAL;

-- To the hour: what was not used for longest goes first when there is too much.
ALTER TABLE latents ADD COLUMN used_at TEXT NOT NULL DEFAULT '';
UPDATE latents SET used_at = created_at;

CREATE INDEX latents_by_blob ON latents (latent_blob);
CREATE INDEX latents_by_pixels ON latents (pixels_blob);

-- What encoders made, by what they were given: of texts, and of pictures. `digest` is that of the blob's bytes.
CREATE TABLE encodings (
  key TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  blob TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  used_at TEXT NOT NULL
) STRICT;

CREATE INDEX encodings_by_blob ON encodings (blob);

-- What a generation asks for, the same for generations that ask for the same: together they take one place. Null for one
-- that takes none, as all of it is there.
ALTER TABLE generations ADD COLUMN work TEXT;
UPDATE generations SET work = id;

CREATE INDEX generations_by_work ON generations (work);
