/** Makes room: what was not used for longest goes first. Images of kept generations, and what those start from, stay. */
import type { Deletion } from '../deletion/deletion.ts';

const atOnce = 100;

export interface EvictionStores {
  readonly db: D1Database;
  readonly bucket: R2Bucket;
  readonly deletion: Pick<Deletion, 'latent' | 'encoding' | 'picture' | 'steps'>;
}

interface Candidate {
  readonly kind: 'encoding' | 'picture' | 'latent' | 'steps';
  readonly key: string;
  readonly blob: string;
}

/**
 * Encodings, steps to go on from, and latents that no kept generation holds: of each first its picture, which can be
 * decoded anew.
 */
const candidates = `
  SELECT 'encoding' AS kind, key, blob, used_at FROM encodings
  UNION ALL
  SELECT 'steps', key, blob, used_at FROM sources
  UNION ALL
  SELECT CASE pixels_blob WHEN '' THEN 'latent' ELSE 'picture' END, key,
    CASE pixels_blob WHEN '' THEN latent_blob ELSE pixels_blob END, used_at
  FROM latents
  WHERE NOT EXISTS (SELECT 1 FROM uses WHERE uses.key = latents.key AND role IN ('IMAGE', 'START'))
  ORDER BY used_at, key LIMIT ${atOnce}`;

export interface Evicted {
  /** How many entries went. */
  readonly entries: number;
  /** How much room is still to be made: some where all else must stay, or `most` have gone. */
  readonly left: number;
  readonly isDone: boolean;
}

/**
 * @param bytes to make room for
 * @param most how many entries may go
 */
export async function evict(
  { db, bucket, deletion }: EvictionStores,
  bytes: number,
  most = Number.POSITIVE_INFINITY,
): Promise<Evicted> {
  let entries = 0;
  let left = bytes;
  while (left > 0 && entries < most) {
    const { results } = await db.prepare(candidates).all<Candidate>();
    const before = entries;
    for (const { kind, key, blob } of results) {
      if (left <= 0 || entries >= most) break;
      const size = (await bucket.head(blob))?.size ?? 0;
      if (kind === 'encoding') await deletion.encoding(key);
      else if (kind === 'steps') await deletion.steps(key);
      // Held in the meantime: it stays.
      else if (kind === 'picture' && !(await deletion.picture(key, blob))) continue;
      else if (kind === 'latent' && (await deletion.latent(key)) !== 'DELETED') continue;
      left -= size;
      entries++;
    }
    if (entries === before) return { entries, left, isDone: true };
  }
  return { entries, left, isDone: left <= 0 };
}
