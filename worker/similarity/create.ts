import type { BackendPool } from '../backends/pool.ts';
import { CardStore } from '../checkpoints/card-store.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { embedBacklog } from './embed-backlog.ts';
import { EmbeddedIndex } from './embedded-index.ts';
import { IndexedLatents } from './indexed-latents.ts';
import { LatentIndex } from './latent-index.ts';
import type { SimilarityIndex } from './similarity-index.ts';
import { IndexedSimilarity } from './similarity-service.ts';
import { inLatentSpace } from './spaces.ts';
import { TextVectors } from './text-vectors.ts';
import { VectorFiles } from './vector-files.ts';
import { VectorMaker } from './vector-maker.ts';
import { VectorizeIndex } from './vectorize-index.ts';
import { Vectors } from './vectors.ts';

export interface Similarity {
  readonly service: IndexedSimilarity;
  readonly index: SimilarityIndex;
  readonly latentIndex: LatentIndex;
  readonly vectors: Vectors;
  readonly maker: VectorMaker;
  /** To store latents with. */
  readonly latents: IndexedLatents;
  /** For the cron: puts and embeds what could not be at once. */
  readonly catchUp: () => Promise<void>;
}

/** All that has to do with likeness, made of this request's bindings. */
export function createSimilarity(env: Env, pool: BackendPool): Similarity {
  const store = new LatentStore(env.BLOBS, env.DB);
  const cards = new CardStore(env.BLOBS, env.HOT);
  const files = new VectorFiles(env.BLOBS, env.DB);
  const index = createIndex(env, store);
  const maker = new VectorMaker(pool);
  const latentIndex = new LatentIndex({ index, files, latents: store, db: env.DB });
  const texts = new TextVectors(new EncodingStore(env.BLOBS, env.DB));
  const vectors = new Vectors({ texts, maker, latents: store });
  return {
    service: new IndexedSimilarity({ index, latentIndex, vectors, maker, latents: store, cards }),
    index,
    latentIndex,
    vectors,
    maker,
    latents: new IndexedLatents({ store, files, texts, latentIndex, maker, cards }),
    async catchUp() {
      await latentIndex.catchUp();
      await embedBacklog({ db: env.DB, latents: store, latentIndex, maker, cards });
    },
  };
}

/** Vectorize where wrangler.toml binds one as VECTORS. */
function createIndex(env: Env & { readonly VECTORS?: Vectorize }, store: LatentStore): SimilarityIndex {
  if (!env.VECTORS) return new EmbeddedIndex(env.SIMILARITY);
  return new VectorizeIndex(env.VECTORS, async ({ checkpointDigest, space }, key) => {
    // Only latents are ever longer than what Vectorize takes.
    if (space !== 'LATENT' || (await store.find(key)) === null) return null;
    return inLatentSpace(checkpointDigest, await store.tensor(key)).numbers;
  });
}
