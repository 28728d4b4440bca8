-- Several generations may have been given one noise, as whoever asks with a seed is given that seed: each has a row, so that
-- deleting one of them does not make the noise new again for a prompt that has a picture of it.
DROP INDEX lent_noise_by_generation;
ALTER TABLE lent_noise RENAME TO lent_noise_once;
CREATE TABLE lent_noise (
  scope TEXT NOT NULL,
  text TEXT NOT NULL,
  seed INTEGER NOT NULL,
  generation_id TEXT NOT NULL,
  PRIMARY KEY (scope, text, seed, generation_id)
) STRICT, WITHOUT ROWID;
INSERT INTO lent_noise SELECT scope, text, seed, generation_id FROM lent_noise_once;
DROP TABLE lent_noise_once;

CREATE INDEX lent_noise_by_generation ON lent_noise (generation_id);
