/** Images and texts as vectors, as far as each has a place in a space. Nothing is kept of what is only looked at. */
import type { FloatTensor } from '../../models/runtime.ts';
import { RequestError } from '../../schema/errors.ts';
import type { ReadImage, TokenIds } from '../../schema/laboratory-service.ts';
import type { SimilaritySpace } from '../../schema/similarity-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { LatentIndex } from '../similarity/latent-index.ts';
import type { VectorMaker } from '../similarity/vector-maker.ts';
import type { Vectors } from '../similarity/vectors.ts';
import type { TextEmbeddings } from './text-embeddings.ts';
import type { Workbench } from './workbench.ts';

export interface EmbeddingsOptions {
  readonly workbench: Pick<Workbench, 'encode'>;
  readonly store: Pick<LatentStore, 'intact' | 'tensor'>;
  readonly latentIndex: Pick<LatentIndex, 'vectorsOf'>;
  readonly vectors: Pick<Vectors, 'ofText'>;
  readonly maker: Pick<VectorMaker, 'embedding'>;
  readonly texts: Pick<TextEmbeddings, 'of'>;
}

export class Embeddings {
  readonly #options: EmbeddingsOptions;

  constructor(options: EmbeddingsOptions) {
    this.#options = options;
  }

  /** @throws RetryLater, RequestError UNSUPPORTED where images have no place in the space */
  async ofImage(card: CheckpointCard, space: SimilaritySpace, image: ReadImage): Promise<Float32Array> {
    expectPlace(card, space, 'PROMPT', 'A picture has no prompt: embed it in the space LATENT or EMBEDDING');
    const { store, latentIndex, workbench } = this.#options;
    const isHere = (await store.intact(image.latentKey)) !== null;
    if (isHere && space === 'EMBEDDING') {
      const placed = await latentIndex.vectorsOf(image.latentKey, card.digest);
      const known = placed.find(({ collection }) => collection.space === 'EMBEDDING');
      if (known) return known.numbers;
    }
    if (isHere) return this.#ofLatent(card, space, await store.tensor(image.latentKey));
    if (image.kind === 'LATENT') return this.#ofLatent(card, space, image.latent);
    const { latent, embedding } = await workbench.encode(card, image.pixels, false);
    return space === 'LATENT' ? latent.data : embedding!;
  }

  async #ofLatent(card: CheckpointCard, space: SimilaritySpace, latent: FloatTensor): Promise<Float32Array> {
    return space === 'LATENT' ? latent.data : this.#options.maker.embedding(card, latent);
  }

  /** @throws RetryLater, RequestError UNSUPPORTED where texts have no place in the space */
  async ofTexts(card: CheckpointCard, space: SimilaritySpace, texts: readonly TokenIds[]): Promise<Float32Array[]> {
    if (texts.length === 0) return [];
    expectPlace(card, space, 'LATENT', 'A text is no latent: embed it in the space PROMPT or EMBEDDING');
    if (space === 'EMBEDDING') return this.#options.texts.of(card, texts);
    const vectors: Float32Array[] = [];
    for (const tokenIds of texts) {
      const { prompt } = await this.#options.vectors.ofText(card, tokenIds);
      vectors.push(prompt!);
    }
    return vectors;
  }
}

function expectPlace(card: CheckpointCard, space: SimilaritySpace, not: SimilaritySpace, why: string): void {
  if (space === not) throw new RequestError('UNSUPPORTED', why);
  if (space !== 'EMBEDDING' || card.embedder) return;
  throw new RequestError('UNSUPPORTED', `Checkpoint ${JSON.stringify(card.name)} has no embedder`);
}
