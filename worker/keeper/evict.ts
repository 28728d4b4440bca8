/** Makes room: what was not used for longest goes first. Images of kept generations, and what those start from, stay. */
import type { Deletion } from '../deletion/deletion.ts';

const atOnce = 100;

export interface EvictionStores {
  readonly db: D1Database;
  readonly bucket: R2Bucket;
  readonly deletion: Pick<Deletion, 'latent' | 'encoding' | 'picture'>;
}

interface Candidate {
  readonly kind: 'encoding' | 'picture' | 'latent';
  readonly key: string;
  readonly blob: string;
}

/** Encodings, and latents that no kept generation holds: of each first its picture, which can be decoded anew. */
const candidates = `
  SELECT 'encoding' AS kind, key, blob, used_at FROM encodings
  UNION ALL
  SELECT CASE pixels_blob WHEN '' THEN 'latent' ELSE 'picture' END, key,
    CASE pixels_blob WHEN '' THEN latent_blob ELSE pixels_blob END, used_at
  FROM latents
  WHERE NOT EXISTS (SELECT 1 FROM uses WHERE uses.key = latents.key AND role IN ('IMAGE', 'START'))
  ORDER BY used_at, key LIMIT ${atOnce}`;

/**
 * @param bytes to make room for
 * @returns how many entries went: fewer than it takes where all else must stay
 */
export async function evict({ db, bucket, deletion }: EvictionStores, bytes: number): Promise<number> {
  let evicted = 0;
  let left = bytes;
  while (left > 0) {
    const { results } = await db.prepare(candidates).all<Candidate>();
    const before = evicted;
    for (const { kind, key, blob } of results) {
      if (left <= 0) break;
      const size = (await bucket.head(blob))?.size ?? 0;
      if (kind === 'encoding') await deletion.encoding(key);
      // Held in the meantime: it stays.
      else if (kind === 'picture' && !(await deletion.picture(key, blob))) continue;
      else if (kind === 'latent' && (await deletion.latent(key)) !== 'DELETED') continue;
      left -= size;
      evicted++;
    }
    if (evicted === before) break;
  }
  return evicted;
}
