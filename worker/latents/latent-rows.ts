/** Latents as rows of D1: which there are, and where their blobs are. */
import type { LatentPage, LatentPlace, LatentState } from '../../schema/context.ts';

export interface LatentRow {
  readonly key: string;
  readonly digest: string;
  readonly shape: string;
  readonly dtype: string;
  readonly bytes: number;
  readonly checkpoint_digest: string;
  readonly generation_id: string | null;
  readonly created_at: string;
  readonly latent_blob: string;
  /** Empty while nobody has looked at it. */
  readonly pixels_blob: string;
}

export class LatentRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** @returns whether it was the first with its key, which stays */
  async insert(row: LatentRow): Promise<boolean> {
    const columns = Object.keys(row);
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO latents (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
         ON CONFLICT (key) DO NOTHING`,
      )
      .bind(...(Object.values(row) as (string | number | null)[]))
      .run();
    return meta.changes > 0;
  }

  find(key: string): Promise<LatentRow | null> {
    return this.#db.prepare('SELECT * FROM latents WHERE key = ?').bind(key).first<LatentRow>();
  }

  /** Those that there are, in one query. */
  async findMany(keys: readonly string[]): Promise<LatentRow[]> {
    // All of them as one text: D1 binds at most a hundred values.
    const { results } = await this.#db
      .prepare('SELECT * FROM latents WHERE key IN (SELECT value FROM json_each(?))')
      .bind(JSON.stringify(keys))
      .all<LatentRow>();
    return results;
  }

  /** Newest first; with `reverse` oldest first. */
  async list({ checkpointDigest, limit, after, before, reverse }: LatentPage): Promise<LatentRow[]> {
    const { where, values } = conditions(checkpointDigest, after, before);
    const order = reverse ? 'ASC' : 'DESC';
    const { results } = await this.#db
      .prepare(`SELECT * FROM latents ${where} ORDER BY created_at ${order}, key ${order} LIMIT ?`)
      .bind(...values, limit)
      .all<LatentRow>();
    return results;
  }

  async count(checkpointDigest: string | null): Promise<number> {
    const { where, values } = conditions(checkpointDigest, null, null);
    const row = await this.#db
      .prepare(`SELECT COUNT(*) AS number FROM latents ${where}`)
      .bind(...values)
      .first<{ number: number }>();
    return row?.number ?? 0;
  }

  /** Where the pixels of a latent are that had none. */
  async setPixels(key: string, blob: string): Promise<void> {
    const update = "UPDATE latents SET pixels_blob = ? WHERE key = ? AND pixels_blob = ''";
    await this.#db.prepare(update).bind(blob, key).run();
  }
}

function conditions(checkpointDigest: string | null, after: LatentPlace | null, before: LatentPlace | null) {
  const parts: string[] = [];
  const values: string[] = [];
  if (checkpointDigest !== null) {
    parts.push('checkpoint_digest = ?');
    values.push(checkpointDigest);
  }
  for (const [place, comparison] of [
    [after, '<'],
    [before, '>'],
  ] as const) {
    if (place === null) continue;
    parts.push(`(created_at, key) ${comparison} (?, ?)`);
    values.push(place.createdAt, place.key);
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values };
}

export function stateOf(row: LatentRow): LatentState {
  return {
    key: row.key,
    digest: row.digest,
    shape: JSON.parse(row.shape) as number[],
    dtype: row.dtype,
    bytes: row.bytes,
    checkpointDigest: row.checkpoint_digest,
    generationId: row.generation_id,
    createdAt: row.created_at,
    isDecoded: row.pixels_blob !== '',
  };
}
