import type { FloatTensor } from '../../models/runtime.ts';
import type { LatentState } from '../../schema/context.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { DamagedBlob } from '../latents/tensor-blobs.ts';
import { type Collection, type SimilarityIndex, VectorError } from './similarity-index.ts';
import { inLatentSpace, inMadeSpace, latentCollection, type Placed } from './spaces.ts';
import type { VectorFiles } from './vector-files.ts';

/** How many latents one catching up puts at most. */
const MOST_AT_ONCE = 50;

export interface LatentIndexOptions {
  readonly index: SimilarityIndex;
  readonly files: VectorFiles;
  readonly latents: { tensor(key: string): Promise<FloatTensor> };
  readonly db: D1Database;
}

/**
 * Keeps the index at what the latents' rows say. A row is written without vectors in the index, and marked when they are
 * there: what a crash has left in between is put when somebody looks for something, and by the cron.
 */
export class LatentIndex {
  readonly #options: LatentIndexOptions;

  constructor(options: LatentIndexOptions) {
    this.#options = options;
  }

  /**
   * Puts the vectors of latents that have rows and are not in the index yet, oldest first. What cannot be put now is
   * logged, and tried again the next time.
   * @param only keys of those to put; null: whichever they are
   */
  async catchUp(only: readonly string[] | null = null, most = MOST_AT_ONCE): Promise<void> {
    const { results } = await this.#options.db
      .prepare(
        `SELECT key, checkpoint_digest FROM latents WHERE indexed = 0
         AND (?1 IS NULL OR key IN (SELECT value FROM json_each(?1))) ORDER BY created_at LIMIT ?2`,
      )
      .bind(only && JSON.stringify(only), most)
      .all<UnindexedRow>();
    await Promise.all(results.map(row => this.#put(row).catch(error => logUnexpected(error, 'similarity index'))));
  }

  /** Every vector of a latent, wherever it has a place. @throws DamagedBlob when the latent is not what it was */
  async vectorsOf(key: string, checkpointDigest: string): Promise<Placed[]> {
    const { latents, files } = this.#options;
    const [latent, made] = await Promise.all([latents.tensor(key), files.ofLatent(key)]);
    const others = (['PROMPT', 'EMBEDDING'] as const).map(space => inMadeSpace(checkpointDigest, space, made));
    return [inLatentSpace(checkpointDigest, latent), ...others.filter(placed => placed !== null)];
  }

  /** Puts and keeps the embedding of a latent that was stored without one. */
  async addEmbedding(key: string, checkpointDigest: string, embedding: Float32Array): Promise<Placed> {
    const { index, files, db } = this.#options;
    const made = { ...(await files.ofLatent(key)), embedding };
    await files.replace(key, made);
    const placed = inMadeSpace(checkpointDigest, 'EMBEDDING', made)!;
    await index.put(placed.collection, [{ id: key, numbers: embedding }]);
    await db.prepare('UPDATE latents SET indexed = 1 WHERE key = ? AND indexed = 2').bind(key).run();
    return placed;
  }

  /** Takes a latent out of the index whose row is deleted, and forgets its vectors. */
  async remove({ key, checkpointDigest, shape, vectorsBlob }: RemovedLatent): Promise<void> {
    const { files } = this.#options;
    const made = await files.read(vectorsBlob);
    const others = (['PROMPT', 'EMBEDDING'] as const).map(space => inMadeSpace(checkpointDigest, space, made));
    const collections = [latentCollection(checkpointDigest, shape), ...others.flatMap(each => each?.collection ?? [])];
    await files.drop(vectorsBlob);
    await Promise.all(collections.map(collection => this.forget(collection, [key])));
  }

  /** Takes latents without rows out of a collection. One that got a row meanwhile is put again. */
  async forget(collection: Collection, keys: readonly string[]): Promise<void> {
    const { index, db } = this.#options;
    await index.delete(collection, keys);
    const unmark = db.prepare('UPDATE latents SET indexed = 0 WHERE key IN (SELECT value FROM json_each(?))');
    await unmark.bind(JSON.stringify(keys)).run();
  }

  async #put({ key, checkpoint_digest: checkpointDigest }: UnindexedRow): Promise<void> {
    const { index, db } = this.#options;
    let vectors: Placed[] = [];
    try {
      vectors = await this.vectorsOf(key, checkpointDigest);
      await Promise.all(vectors.map(({ collection, numbers }) => index.put(collection, [{ id: key, numbers }])));
    } catch (error) {
      // Not even the next time will there be anything to put.
      if (!(error instanceof DamagedBlob || error instanceof VectorError)) throw error;
      logUnexpected(error, 'similarity index');
    }
    const lacksEmbedding = vectors.length > 0 && vectors.every(({ collection }) => collection.space !== 'EMBEDDING');
    const mark = db.prepare('UPDATE latents SET indexed = ? WHERE key = ?').bind(lacksEmbedding ? 2 : 1, key);
    const { meta } = await mark.run();
    // Deleted meanwhile, perhaps before its vectors were put.
    if (meta.changes === 0) await Promise.all(vectors.map(({ collection }) => index.delete(collection, [key])));
  }
}

/** As its row said. */
export interface RemovedLatent extends Pick<LatentState, 'key' | 'checkpointDigest' | 'shape'> {
  readonly vectorsBlob: string;
}

interface UnindexedRow {
  readonly key: string;
  readonly checkpoint_digest: string;
}
