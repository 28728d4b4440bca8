import type { FloatTensor } from '../../models/runtime.ts';
import type { ReadImage } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { MadeVectors } from './spaces.ts';
import type { TextVectors, TokenIds } from './text-vectors.ts';
import type { VectorMaker } from './vector-maker.ts';

export interface VectorsOptions {
  readonly texts: Pick<TextVectors, 'find' | 'keep'>;
  readonly maker: VectorMaker;
  readonly latents: Pick<LatentStore, 'intact' | 'tensor'>;
}

/** What texts, pictures and latents are compared by: kept where it is known, else made by a backend. */
export class Vectors {
  readonly #options: VectorsOptions;

  constructor(options: VectorsOptions) {
    this.#options = options;
  }

  /** Kept, too, so that it is made once. @throws RetryLater */
  async ofText(card: CheckpointCard, tokenIds: TokenIds): Promise<MadeVectors> {
    const { texts, maker } = this.#options;
    const kept = await texts.find(card.digest, tokenIds);
    if (kept?.prompt && (kept.embedding || !card.embedder)) return kept;
    const made = await maker.ofText(card, tokenIds);
    await texts.keep(card.digest, tokenIds, made);
    return made;
  }

  /**
   * The latent of a picture, of which nothing is kept.
   * @returns `[channels, height, width] float32`: a picture's likeliest latent, or a latent that was sent in its place
   * @throws RetryLater
   */
  async latentOf(card: CheckpointCard, image: ReadImage): Promise<FloatTensor> {
    const { latents, maker } = this.#options;
    if (image.kind === 'LATENT') return image.latent;
    if ((await latents.intact(image.latentKey)) !== null) return latents.tensor(image.latentKey);
    return maker.latent(card, image.pixels);
  }
}
