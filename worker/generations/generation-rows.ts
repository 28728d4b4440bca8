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

/** Every status that is not an end. */
export const unfinished: readonly GenerationStatus[] = ['QUEUED', 'ENCODING', 'DENOISING', 'DECODING', 'SCORING'];

export class GenerationRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * The first row of a generation, unless as many are unfinished already. Counted and written at once, so that requests
   * that come together cannot all find room.
   * @returns whether there was room
   */
  async admit(state: GenerationState, places: number): Promise<boolean> {
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO generations (id, created_at, status, state)
         SELECT ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM generations WHERE status IN (${marks(unfinished)})) < ?`,
      )
      .bind(state.id, state.createdAt, state.status, JSON.stringify(state), ...unfinished, places)
      .run();
    return meta.changes > 0;
  }

  /** An end is final: what comes after it is late. */
  async save(state: GenerationState): Promise<void> {
    await this.#db
      .prepare(
        `INSERT INTO generations (id, created_at, status, state) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, state = excluded.state
         WHERE generations.status IN (${marks(unfinished)})`,
      )
      .bind(state.id, state.createdAt, state.status, JSON.stringify(state), ...unfinished)
      .run();
  }

  async find(id: string): Promise<GenerationState | null> {
    const row = await this.#db
      .prepare('SELECT state FROM generations WHERE id = ?')
      .bind(id)
      .first<{ state: string }>();
    return row && (JSON.parse(row.state) as GenerationState);
  }

  /** Those that there are, in one query. */
  async findMany(ids: readonly string[]): Promise<GenerationState[]> {
    // All of them as one text: D1 binds at most a hundred values.
    const { results } = await this.#db
      .prepare('SELECT state FROM generations WHERE id IN (SELECT value FROM json_each(?))')
      .bind(JSON.stringify(ids))
      .all<{ state: string }>();
    return results.map(row => JSON.parse(row.state) as GenerationState);
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

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

function conditions(status: readonly GenerationStatus[] | null, after: string | null, before: string | null) {
  const parts: string[] = [];
  const values: string[] = [];
  if (status !== null) {
    // An empty list asks for none.
    parts.push(`status IN (${marks(status)})`);
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
