/** Embeds what was stored when no backend could: from then on it is found by what it shows. */
import { RetryLater } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { LatentIndex } from './latent-index.ts';
import type { VectorMaker } from './vector-maker.ts';

/** How many one round embeds at most. */
const MOST_AT_ONCE = 20;

export interface BacklogOptions {
  readonly db: D1Database;
  readonly latents: Pick<LatentStore, 'tensor'>;
  readonly latentIndex: Pick<LatentIndex, 'addEmbedding'>;
  readonly maker: Pick<VectorMaker, 'embedding'>;
  readonly cards: { find(digest: string): Promise<CheckpointCard | null> };
}

/** One after the other; ends where no backend answers. What cannot be embedded is not tried again. */
export async function embedBacklog({ db, latents, latentIndex, maker, cards }: BacklogOptions): Promise<void> {
  const { results } = await db
    .prepare('SELECT key, checkpoint_digest FROM latents WHERE indexed = 2 ORDER BY created_at LIMIT ?')
    .bind(MOST_AT_ONCE)
    .all<{ readonly key: string; readonly checkpoint_digest: string }>();
  for (const { key, checkpoint_digest: digest } of results) {
    try {
      const card = await cards.find(digest);
      if (card?.embedder) {
        await latentIndex.addEmbedding(key, digest, await maker.embedding(card, await latents.tensor(key)));
        continue;
      }
    } catch (error) {
      if (error instanceof RetryLater) return;
      logUnexpected(error, 'embedding of a latent');
    }
    await db.prepare('UPDATE latents SET indexed = 1 WHERE key = ? AND indexed = 2').bind(key).run();
  }
}
