import type { CheckpointCard } from '../../wire/card.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { LatentStore, NewLatent } from '../latents/latent-store.ts';
import type { LatentIndex } from './latent-index.ts';
import type { MadeVectors } from './spaces.ts';
import type { TextVectors, TokenIds } from './text-vectors.ts';
import type { VectorFiles } from './vector-files.ts';
import type { VectorMaker } from './vector-maker.ts';

export interface IndexedLatentsOptions {
  readonly store: Pick<LatentStore, 'find' | 'save'>;
  readonly files: VectorFiles;
  readonly texts: Pick<TextVectors, 'keep'>;
  readonly latentIndex: Pick<LatentIndex, 'catchUp'>;
  readonly maker: Pick<VectorMaker, 'embedding'>;
  readonly cards: { find(digest: string): Promise<CheckpointCard | null> };
}

/** A latent with what is known of it besides. */
export interface NewIndexedLatent extends NewLatent {
  /** What the backend made along with it. Absent: it was not made from a prompt, and is embedded now. */
  readonly vectors?: MadeVectors;
  /** Its prompt and that one's vectors, where they were made along with it: who searches for that text needs no backend. */
  readonly text?: { readonly tokenIds: TokenIds; readonly vectors: MadeVectors };
}

const nothing: MadeVectors = { prompt: null, embedding: null };

/** Stores latents so that they can be found by what they are like. */
export class IndexedLatents {
  readonly #options: IndexedLatentsOptions;

  constructor(options: IndexedLatentsOptions) {
    this.#options = options;
  }

  /** Keeps a latent, its vectors first. That it is not found by likeness at once is no reason not to keep it. */
  async save({ vectors = nothing, text, ...latent }: NewIndexedLatent): Promise<void> {
    const { store, files, texts, latentIndex } = this.#options;
    const { key, checkpointDigest } = latent;
    if (text) await texts.keep(checkpointDigest, text.tokenIds, text.vectors);
    let vectorsBlob = '';
    if ((await store.find(key)) === null) {
      const embedding = vectors.embedding ?? (await this.#embedding(latent));
      vectorsBlob = await files.put(key, { ...vectors, embedding });
    }
    await store.save({ ...latent, vectorsBlob });
    await latentIndex.catchUp([key]).catch(error => logUnexpected(error, 'similarity index'));
  }

  /** Null where its checkpoint has no embedder, or no backend answers now: then it is embedded when it is looked for. */
  async #embedding({ checkpointDigest, latent }: NewLatent): Promise<Float32Array | null> {
    const { cards, maker } = this.#options;
    try {
      const card = await cards.find(checkpointDigest);
      return card?.embedder ? await maker.embedding(card, latent) : null;
    } catch (error) {
      logUnexpected(error, 'embedding of a latent');
      return null;
    }
  }
}
