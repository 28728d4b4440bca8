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

/** How many may wait beyond the places, as they ask for what others ask for too. */
const mostAlike = 1_000;

export class GenerationRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * The first row of a generation, unless as many are unfinished already that ask for something else. Counted and
   * written at once, so that requests that come together cannot all find room. What it starts from is held with it: a
   * latent must still be there.
   * @param work what it asks for; null where all of it is there: it takes no place
   * @param startBlob where the picture is that it starts from; empty where there is none
   * @returns false where there was no room, or the latent is gone that it starts from
   */
  async admit(state: GenerationState, places: number, work: string | null, startBlob: string): Promise<boolean> {
    const marked = marks(unfinished);
    const others = `SELECT COUNT(DISTINCT work) FROM generations WHERE status IN (${marked}) AND work != ?`;
    const all = `SELECT COUNT(*) FROM generations WHERE status IN (${marked})`;
    const { start } = state.parameters;
    const latent = start?.from === 'LATENT' ? start.latentKey : null;
    const insert = this.#db
      .prepare(
        `INSERT INTO generations (id, created_at, status, state, work)
         SELECT ?, ?, ?, ?, ? WHERE (? IS NULL OR ((${others}) < ? AND (${all}) < ?))
         AND (? IS NULL OR EXISTS (SELECT 1 FROM latents WHERE key = ?))`,
      )
      .bind(
        ...[state.id, state.createdAt, state.status, JSON.stringify(state), work, work],
        ...[...unfinished, work, places],
        ...[...unfinished, places + mostAlike],
        ...[latent, latent],
      );
    const hold = this.#db
      .prepare(
        "INSERT INTO uses (key, generation_id, role, start_blob) SELECT ?, id, 'START', ? FROM generations WHERE id = ?",
      )
      .bind(start?.latentKey ?? '', startBlob, state.id);
    const [inserted] = await this.#db.batch(start ? [insert, hold] : [insert]);
    return inserted!.meta.changes > 0;
  }

  /** Whether somebody has asked for the same, and waits for it. */
  async isUnderWay(work: string): Promise<boolean> {
    const found = await this.#db
      .prepare(`SELECT 1 FROM generations WHERE work = ? AND status IN (${marks(unfinished)}) LIMIT 1`)
      .bind(work, ...unfinished)
      .first();
    return found !== null;
  }

  /** An end is final: what comes after it is late. So is what comes after the row was deleted. */
  async save(state: GenerationState): Promise<void> {
    await this.#db
      .prepare(`UPDATE generations SET status = ?, state = ? WHERE id = ? AND status IN (${marks(unfinished)})`)
      .bind(state.status, JSON.stringify(state), state.id, ...unfinished)
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
