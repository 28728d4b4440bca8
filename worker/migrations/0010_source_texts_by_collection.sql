-- A text may be in two collections: by its pooled encoding, from before it had an embedding, and by that. Each has a row, so
-- that it is taken out of both.
ALTER TABLE source_texts RENAME TO source_texts_once;
CREATE TABLE source_texts (
  key TEXT NOT NULL,
  collection TEXT NOT NULL,
  PRIMARY KEY (key, collection)
) STRICT, WITHOUT ROWID;
INSERT INTO source_texts SELECT key, collection FROM source_texts_once;
DROP TABLE source_texts_once;
