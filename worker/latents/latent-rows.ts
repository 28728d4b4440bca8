/** Latents as rows of D1: which there are, and where their blobs are. */
import type { LatentPage, LatentPlace, LatentState } from '../../schema/context.ts';
import type { LatentSourceType } from '../provenance/source-type.ts';

export interface LatentRow {
  readonly key: string;
  readonly digest: string;
  readonly shape: string;
  readonly dtype: string;
  readonly bytes: number;
  readonly checkpoint_digest: string;
  readonly created_at: string;
  readonly latent_blob: string;
  /** Empty while nobody has looked at it. */
  readonly pixels_blob: string;
  /** Empty where nothing is kept that it is compared by beside its numbers. */
  readonly vectors_blob: string;
  /** JSON. */
  readonly made_with: string | null;
  /** What the discriminator said of the pixels; null while it was not asked. */
  readonly score: number | null;
  /** What its picture is; null where that was not noted. */
  readonly source_type: LatentSourceType | null;
  readonly used_at: string;
}

export interface FoundRow extends LatentRow {
  /** The oldest kept generation with an image of it. */
  readonly generation_id: string | null;
}

const columns = `latents.*, (
  SELECT MIN(generation_id) FROM uses WHERE uses.key = latents.key AND role = 'IMAGE'
) AS generation_id`;

/** How exactly it is known when something was used. */
const usePrecisionMs = 60 * 60_000;

export class LatentRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** @returns whether it was the first with its key, which stays */
  async insert(row: LatentRow): Promise<boolean> {
    const names = Object.keys(row);
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO latents (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
         ON CONFLICT (key) DO NOTHING`,
      )
      .bind(...(Object.values(row) as (string | number | null)[]))
      .run();
    return meta.changes > 0;
  }

  /** What is stored for a key, in place of what was damaged. */
  async mend({ key, digest, latent_blob, pixels_blob, made_with }: LatentRow): Promise<void> {
    await this.#db
      .prepare(
        'UPDATE latents SET digest = ?, latent_blob = ?, pixels_blob = ?, made_with = ?, indexed = 0 WHERE key = ?',
      )
      .bind(digest, latent_blob, pixels_blob, made_with, key)
      .run();
  }

  find(key: string): Promise<FoundRow | null> {
    return this.#db.prepare(`SELECT ${columns} FROM latents WHERE key = ?`).bind(key).first<FoundRow>();
  }

  /** Those that there are, in one query. */
  async findMany(keys: readonly string[]): Promise<FoundRow[]> {
    // All of them as one text: D1 binds at most a hundred values.
    const { results } = await this.#db
      .prepare(`SELECT ${columns} FROM latents WHERE key IN (SELECT value FROM json_each(?))`)
      .bind(JSON.stringify(keys))
      .all<FoundRow>();
    return results;
  }

  /** Remembers that a latent was of use. Not every time: reading must not cost a write. */
  async touch({ key, used_at }: LatentRow, now = Date.now()): Promise<void> {
    if (now - Date.parse(used_at) < usePrecisionMs) return;
    const update = 'UPDATE latents SET used_at = ? WHERE key = ?';
    await this.#db.prepare(update).bind(new Date(now).toISOString(), key).run();
  }

  /** Newest first; with `reverse` oldest first. */
  async list({ checkpointDigest, limit, after, before, reverse }: LatentPage): Promise<FoundRow[]> {
    const { where, values } = conditions(checkpointDigest, after, before);
    const order = reverse ? 'ASC' : 'DESC';
    const { results } = await this.#db
      .prepare(`SELECT ${columns} FROM latents ${where} ORDER BY created_at ${order}, key ${order} LIMIT ?`)
      .bind(...values, limit)
      .all<FoundRow>();
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

  /** Where the pixels of a latent are that had none. @returns false where it has some by now, or is gone */
  async setPixels(key: string, blob: string): Promise<boolean> {
    const update = "UPDATE latents SET pixels_blob = ? WHERE key = ? AND pixels_blob = ''";
    const { meta } = await this.#db.prepare(update).bind(blob, key).run();
    return meta.changes > 0;
  }

  async setScore(key: string, score: number): Promise<void> {
    await this.#db.prepare('UPDATE latents SET score = ? WHERE key = ?').bind(score, key).run();
  }

  /** Pixels that are gone or damaged: nobody has looked at the latent any more. */
  async clearPixels(key: string, blob: string): Promise<void> {
    const update = "UPDATE latents SET pixels_blob = '' WHERE key = ? AND pixels_blob = ?";
    await this.#db.prepare(update).bind(key, blob).run();
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

export function stateOf(row: FoundRow): LatentState {
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
