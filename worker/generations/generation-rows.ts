/** Generations as rows of D1: what lists and finds them. While one runs, its object knows it better than its row. */
import type { GenerationState, GenerationStatus } from '../../schema/context.ts';

export interface RowPage {
  readonly status: readonly GenerationStatus[] | null;
  readonly limit: number;
  readonly after: string | null;
  readonly before: string | null;
  /** From the list's end, oldest first. */
  readonly reverse: boolean;
}

export class GenerationRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async save(state: GenerationState): Promise<void> {
    await this.#db
      .prepare(
        `INSERT INTO generations (id, created_at, status, state) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, state = excluded.state`,
      )
      .bind(state.id, state.createdAt, state.status, JSON.stringify(state))
      .run();
  }

  async find(id: string): Promise<GenerationState | null> {
    const row = await this.#db
      .prepare('SELECT state FROM generations WHERE id = ?')
      .bind(id)
      .first<{ state: string }>();
    return row && (JSON.parse(row.state) as GenerationState);
  }

  /** Newest first; with `reverse` oldest first. `after` and `before` are ids, as the list is read forwards. */
  async list({ status, limit, after, before, reverse }: RowPage): Promise<GenerationState[]> {
    const { where, values } = conditions(status, after, before);
    const { results } = await this.#db
      .prepare(`SELECT state FROM generations ${where} ORDER BY id ${reverse ? 'ASC' : 'DESC'} LIMIT ?`)
      .bind(...values, limit)
      .all<{ state: string }>();
    return results.map(row => JSON.parse(row.state) as GenerationState);
  }

  async count(status: readonly GenerationStatus[] | null): Promise<number> {
    const { where, values } = conditions(status, null, null);
    const row = await this.#db
      .prepare(`SELECT COUNT(*) AS number FROM generations ${where}`)
      .bind(...values)
      .first<{ number: number }>();
    return row?.number ?? 0;
  }
}

function conditions(status: readonly GenerationStatus[] | null, after: string | null, before: string | null) {
  const parts: string[] = [];
  const values: string[] = [];
  if (status !== null) {
    // An empty list asks for none.
    parts.push(`status IN (${status.map(() => '?').join(', ')})`);
    values.push(...status);
  }
  if (after !== null) {
    parts.push('id < ?');
    values.push(after);
  }
  if (before !== null) {
    parts.push('id > ?');
    values.push(before);
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values };
}
