-- Grids of generations. `axes` is JSON; `end` too, how it ended, null until it has. Its picture's files are named after
-- `picture_blob`; empty where there are none. One that lacks any of its generations is no more: whoever deletes one of those
-- deletes it too. Idempotency keys of sheets are in the table of the generations' ones, under callers of another name.
CREATE TABLE contact_sheets (
  id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL,
  axes TEXT NOT NULL,
  end TEXT,
  picture_blob TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX contact_sheets_by_picture ON contact_sheets (picture_blob) WHERE picture_blob != '';

-- Row by row.
CREATE TABLE contact_sheet_cells (
  generation_id TEXT PRIMARY KEY,
  sheet_id TEXT NOT NULL,
  place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_sheet_cells_by_sheet ON contact_sheet_cells (sheet_id, place);
