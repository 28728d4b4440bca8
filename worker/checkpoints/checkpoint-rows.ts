/** Which checkpoints there are, as rows of D1. */
import type { CheckpointReference } from '../../wire/readiness.ts';

/** No backend has what has no position any more. */
const inPool = 'position IS NOT NULL';

export class CheckpointRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Those that the backends have, in their order; of a backend that is down, those that it had. */
  async list(): Promise<CheckpointReference[]> {
    const { results } = await this.#db
      .prepare(`SELECT digest, name FROM checkpoints WHERE ${inPool} ORDER BY position, seen_at DESC, digest`)
      .all<CheckpointReference>();
    return results;
  }

  /** Whether it is one of `list`. */
  async has(digest: string): Promise<boolean> {
    const row = await this.#db.prepare(`SELECT 1 FROM checkpoints WHERE digest = ? AND ${inPool}`).bind(digest).first();
    return row !== null;
  }

  /**
   * Writes down what the backends have.
   * @param complete whether every backend has answered: only then is a checkpoint that none named gone
   */
  async seen(checkpoints: readonly CheckpointReference[], complete: boolean): Promise<void> {
    const now = new Date().toISOString();
    // D1 does not take an empty batch.
    if (checkpoints.length === 0 && !complete) return;
    await this.#db.batch([
      ...(complete ? [this.#db.prepare('UPDATE checkpoints SET position = NULL')] : []),
      ...checkpoints.map(({ digest, name }, position) =>
        this.#db
          .prepare(
            `INSERT INTO checkpoints (digest, name, position, seen_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (digest) DO UPDATE SET name = excluded.name, position = excluded.position, seen_at = excluded.seen_at`,
          )
          .bind(digest, name, position, now),
      ),
    ]);
  }
}
