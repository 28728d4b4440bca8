-- What waits for a backend, as the dispatcher is told after a crash; null for a generation that never waits.
ALTER TABLE generations ADD COLUMN ticket TEXT;

-- Counted whenever one is accepted.
CREATE INDEX generations_by_status_and_work ON generations (status, work);

-- Of each caller's idempotency keys, the generation that it was used for first, and the digest of the input that it was used
-- with. For a day.
CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  input_digest TEXT NOT NULL,
  generation_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
