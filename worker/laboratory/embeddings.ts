/** Images and texts as vectors, as far as each has a place in a space. No latent is kept of what is only looked at. */
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

  /**
   * Those that must be encoded are so together.
   * @param images of the checkpoint's own size
   * @throws RetryLater, RequestError UNSUPPORTED where images have no place in the space
   */
  async ofImages(card: CheckpointCard, space: SimilaritySpace, images: readonly ReadImage[]): Promise<Float32Array[]> {
    expectPlace(card, space, 'PROMPT', 'A picture has no prompt: embed it in the space LATENT or EMBEDDING');
    const known = await Promise.all(images.map(image => this.#known(card, space, image)));
    const pictures = images.flatMap((image, i) => (known[i] || image.kind !== 'PICTURE' ? [] : [image.pixels]));
    const made = pictures.length === 0 ? [] : await this.#options.workbench.encode(card, pictures, false);
    const vectors = made.map(({ latent, embedding }) => (space === 'LATENT' ? latent.data : embedding!));
    return known.map(vector => vector ?? vectors.shift()!);
  }

  /** Null for a picture that has not been encoded. */
  async #known(card: CheckpointCard, space: SimilaritySpace, image: ReadImage): Promise<Float32Array | null> {
    const { store, latentIndex } = this.#options;
    // Of a stored latent, not of what its picture would be encoded to.
    const key = (image.kind === 'PICTURE' && image.pictureOf) || image.latentKey;
    const isHere = (await store.intact(key)) !== null;
    if (isHere && space === 'EMBEDDING') {
      const placed = await latentIndex.vectorsOf(key, card.digest);
      const own = placed.find(({ collection }) => collection.space === 'EMBEDDING');
      if (own) return own.numbers;
    }
    if (isHere) return this.#ofLatent(card, space, await store.tensor(key));
    return image.kind === 'LATENT' ? this.#ofLatent(card, space, image.latent) : null;
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
