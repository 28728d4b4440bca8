/** Generations as rows of D1: what lists and finds them. While one runs, its object knows it better than its row. */
import type { GenerationState, GenerationStatus, WebhookAttempt } from '../../schema/context.ts';
import type { Ticket } from '../dispatch/ticket.ts';
import { expiredBefore, type IdempotencyKey, useKey } from './idempotency.ts';

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

/** What a generation is admitted with. */
export interface Admission {
  /** As many may be unfinished that ask for something else. */
  readonly places: number;
  /** What it asks for; null where all of it is there: it takes no place. */
  readonly work: string | null;
  /** What it waits with; null where it does not. */
  readonly ticket: Ticket | null;
  /** Where the picture is that it starts from; empty where there is none. */
  readonly startBlob: string;
  readonly idempotency: IdempotencyKey | null;
}

/** FULL: no room, or the latent is gone that it starts from. USED: its idempotency key belongs to another. */
export type Admitted = 'ADMITTED' | 'FULL' | 'USED';

export class GenerationRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * The first row of a generation, unless as many are unfinished already that ask for something else. Counted and
   * written at once, so that requests that come together cannot all find room. What it starts from is held with it: a
   * latent must still be there.
   */
  async admit(state: GenerationState, { places, work, ticket, startBlob, idempotency }: Admission): Promise<Admitted> {
    const marked = marks(unfinished);
    const others = `SELECT COUNT(DISTINCT work) FROM generations WHERE status IN (${marked}) AND work != ?`;
    const all = `SELECT COUNT(*) FROM generations WHERE status IN (${marked})`;
    const { start } = state.parameters;
    const latent = start?.from === 'LATENT' ? start.latentKey : null;
    const insert = this.#db
      .prepare(
        `INSERT INTO generations (id, created_at, status, state, work, ticket)
         SELECT ?, ?, ?, ?, ?, ? WHERE (? IS NULL OR ((${others}) < ? AND (${all}) < ?))
         AND (? IS NULL OR EXISTS (SELECT 1 FROM latents WHERE key = ?))`,
      )
      .bind(
        ...[state.id, state.createdAt, state.status, JSON.stringify(state), work],
        ...[ticket && JSON.stringify(ticket), work],
        ...[...unfinished, work, places],
        ...[...unfinished, places + mostAlike],
        ...[latent, latent],
      );
    const hold = this.#db
      .prepare(
        "INSERT INTO uses (key, generation_id, role, start_blob) SELECT ?, id, 'START', ? FROM generations WHERE id = ?",
      )
      .bind(start?.latentKey ?? '', startBlob, state.id);
    const statements = [
      insert,
      ...(start ? [hold] : []),
      ...(idempotency ? useKey(this.#db, idempotency, state, 'generations') : []),
    ];
    try {
      const [inserted] = await this.#db.batch(statements);
      return inserted!.meta.changes > 0 ? 'ADMITTED' : 'FULL';
    } catch (error) {
      // All of it or nothing: of two that come with one key together, one is admitted.
      if (idempotency && /UNIQUE constraint failed: idempotency_keys/.test(String(error))) return 'USED';
      throw error;
    }
  }

  /** What an idempotency key was used for, by its id; null for one that was not, or long ago. */
  async usedFor(
    { caller, key }: Omit<IdempotencyKey, 'inputDigest'>,
    now: string,
  ): Promise<{ readonly id: string; readonly inputDigest: string } | null> {
    const row = await this.#db
      .prepare(
        `SELECT generation_id AS id, input_digest AS inputDigest FROM idempotency_keys
         WHERE caller = ? AND key = ? AND created_at >= ?`,
      )
      .bind(caller, key, expiredBefore(now))
      .first<{ id: string; inputDigest: string }>();
    return row;
  }

  /** @returns how many were forgotten */
  async forgetKeys(now: string): Promise<number> {
    const { meta } = await this.#db
      .prepare('DELETE FROM idempotency_keys WHERE created_at < ?')
      .bind(expiredBefore(now))
      .run();
    return meta.changes;
  }

  /** The tickets of all that wait and have not begun, in the order of acceptance. */
  async waiting(): Promise<Ticket[]> {
    const { results } = await this.#db
      .prepare("SELECT ticket FROM generations WHERE status = 'QUEUED' AND ticket IS NOT NULL ORDER BY id")
      .all<{ ticket: string }>();
    return results.map(({ ticket }) => JSON.parse(ticket) as Ticket);
  }

  /** Ids of those that ended before a time, oldest first. */
  async endedBefore(time: string, limit: number): Promise<string[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT id FROM generations WHERE status NOT IN (${marks(unfinished)}) AND created_at < ?
         AND json_extract(state, '$.finishedAt') < ? ORDER BY id LIMIT ?`,
      )
      .bind(...unfinished, time, time, limit)
      .all<{ id: string }>();
    return results.map(({ id }) => id);
  }

  /** Of one that has ended. */
  async noteDeliveries(id: string, attempts: readonly WebhookAttempt[]): Promise<void> {
    await this.#db
      .prepare("UPDATE generations SET state = json_set(state, '$.webhookAttempts', json(?)) WHERE id = ?")
      .bind(JSON.stringify(attempts), id)
      .run();
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
