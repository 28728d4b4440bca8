import { type LatentState, RetryLater } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import type { ReadImage } from '../../schema/laboratory-service.ts';
import type {
  LatentSimilarity,
  SimilarityService,
  SimilaritySpace,
  SimilarLatent,
  SimilarSearch,
} from '../../schema/similarity-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { CardStore } from '../checkpoints/card-store.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { cosine } from './cosine.ts';
import { distance } from './distance.ts';
import type { LatentIndex } from './latent-index.ts';
import { type Match, nameOf, type SimilarityIndex } from './similarity-index.ts';
import { inLatentSpace, inMadeSpace, type Placed } from './spaces.ts';
import type { TokenIds } from './text-vectors.ts';
import type { VectorMaker } from './vector-maker.ts';
import type { Vectors } from './vectors.ts';

/** How many latents a search puts at most that are not in the index yet: the cron has time for the others. */
const MOST_PUT_BEFORE = 5;

export interface IndexedSimilarityOptions {
  readonly index: SimilarityIndex;
  readonly latentIndex: LatentIndex;
  readonly vectors: Vectors;
  readonly maker: VectorMaker;
  readonly latents: Pick<LatentStore, 'findMany' | 'tensor'>;
  readonly cards: Pick<CardStore, 'find'>;
}

export class IndexedSimilarity implements SimilarityService {
  readonly #options: IndexedSimilarityOptions;

  constructor(options: IndexedSimilarityOptions) {
    this.#options = options;
  }

  async nearLatent(latent: LatentState, search: SimilarSearch): Promise<readonly SimilarLatent[]> {
    const { key, checkpointDigest } = latent;
    const { space } = search;
    const vectors = await this.#options.latentIndex.vectorsOf(key, checkpointDigest);
    const kept = vectors.find(({ collection }) => collection.space === space);
    const placed = kept ?? (space === 'EMBEDDING' ? await this.#embedded(latent) : null);
    if (!placed) throw new RequestError('UNSUPPORTED', `Latent ${key} ${lacks[space]}`);
    return this.#near(placed, search, key);
  }

  async nearText(card: CheckpointCard, tokenIds: TokenIds, search: SimilarSearch): Promise<readonly SimilarLatent[]> {
    const { space } = search;
    if (space === 'LATENT') {
      throw new RequestError('UNSUPPORTED', 'A text is no latent: compare it in the space PROMPT or EMBEDDING');
    }
    if (space === 'EMBEDDING') expectEmbedder(card);
    const placed = inMadeSpace(card.digest, space, await this.#options.vectors.ofText(card, tokenIds));
    return this.#near(placed!, search, null);
  }

  async nearImage(card: CheckpointCard, image: ReadImage, search: SimilarSearch): Promise<readonly SimilarLatent[]> {
    const { vectors, maker } = this.#options;
    const { space } = search;
    if (space === 'PROMPT') {
      throw new RequestError('UNSUPPORTED', 'A picture has no prompt: compare it in the space LATENT or EMBEDDING');
    }
    if (space === 'EMBEDDING') expectEmbedder(card);
    const latent = await vectors.latentOf(card, image);
    if (space === 'LATENT') return this.#near(inLatentSpace(card.digest, latent), search, null);
    const made = { prompt: null, embedding: await maker.embedding(card, latent) };
    return this.#near(inMadeSpace(card.digest, space, made)!, search, null);
  }

  async compare(a: LatentState, b: LatentState): Promise<LatentSimilarity> {
    const { latentIndex } = this.#options;
    const [ofA, ofB] = await Promise.all(
      [a, b].map(async each => {
        const placed = await latentIndex.vectorsOf(each.key, each.checkpointDigest);
        if (placed.some(({ collection }) => collection.space === 'EMBEDDING')) return placed;
        const embedded = await this.#embedded(each).catch(nullWithoutBackend);
        return embedded ? [...placed, embedded] : placed;
      }),
    );
    const pair = (space: SimilaritySpace) => {
      const x = ofA!.find(({ collection }) => collection.space === space);
      const y = ofB!.find(({ collection }) => collection.space === space);
      return x && y && nameOf(x.collection) === nameOf(y.collection) ? ([x.numbers, y.numbers] as const) : null;
    };
    const similarity = (space: SimilaritySpace) => {
      const vectors = pair(space);
      return vectors && cosine(...vectors);
    };
    const latents = pair('LATENT');
    return {
      latent: similarity('LATENT'),
      embedding: similarity('EMBEDDING'),
      prompt: similarity('PROMPT'),
      distance: latents && distance(...latents),
    };
  }

  /** Of a latent that was stored when no backend could embed it; null where none ever can. */
  async #embedded({ key, checkpointDigest }: LatentState): Promise<Placed | null> {
    const { latentIndex, maker, latents, cards } = this.#options;
    const card = await cards.find(checkpointDigest);
    if (!card?.embedder) return null;
    return latentIndex.addEmbedding(key, checkpointDigest, await maker.embedding(card, await latents.tensor(key)));
  }

  async #near(placed: Placed, search: SimilarSearch, except: string | null): Promise<readonly SimilarLatent[]> {
    const { index, latentIndex, latents } = this.#options;
    const { collection, numbers } = placed;
    await latentIndex.catchUp(null, MOST_PUT_BEFORE);
    const found: SimilarLatent[] = [];
    let after: Match | null = search.after && { id: search.after.key, similarity: search.after.similarity };
    while (found.length < search.limit) {
      const limit = search.limit - found.length;
      const { minSimilarity } = search;
      const matches = await index.nearest(collection, { numbers, limit, minSimilarity, after, except });
      const states = await latents.findMany(matches.map(({ id }) => id));
      for (const { id, similarity } of matches) {
        const latent = states.get(id);
        if (latent) found.push({ latent, similarity });
      }
      // A latent that is gone has left its vector behind: its place goes to the next one.
      const gone = matches.filter(({ id }) => !states.has(id)).map(({ id }) => id);
      if (gone.length > 0) await latentIndex.forget(collection, gone);
      if (matches.length < limit) break;
      after = matches.at(-1)!;
    }
    return found;
  }
}

/** The other numbers need no backend, and are not to be missed for that one. */
function nullWithoutBackend(error: unknown): null {
  if (error instanceof RetryLater) return null;
  throw error;
}

function expectEmbedder({ embedder, name }: CheckpointCard): void {
  if (embedder) return;
  const message = `Checkpoint ${JSON.stringify(name)} has no embedder: compare in another space than EMBEDDING`;
  throw new RequestError('UNSUPPORTED', message);
}

const lacks: Readonly<Record<SimilaritySpace, string>> = {
  LATENT: 'has no numbers',
  EMBEDDING: 'has no embedding, for its checkpoint has no embedder: compare it in another space',
  PROMPT: 'was not made from a prompt: compare it in another space',
};
