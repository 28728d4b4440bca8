/** The pictures of latents that no generation's picture is. */
import type { ImageState, LatentState } from '../../schema/context.ts';
import type { CardStore } from '../checkpoints/card-store.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import { latentImageId } from './image-id.ts';

export class LatentImages {
  readonly #cards: Pick<CardStore, 'find'>;
  readonly #pictures: Pick<LatentPictures, 'pixels'>;

  constructor(cards: Pick<CardStore, 'find'>, pictures: Pick<LatentPictures, 'pixels'>) {
    this.#cards = cards;
    this.#pictures = pictures;
  }

  /** Decoded where nobody has looked at it yet. @throws RetryLater */
  async of(latent: LatentState): Promise<ImageState> {
    const { width, height } = await this.#size(latent);
    const { key } = latent;
    return { id: latentImageId(key), generationId: null, width, height, seed: null, latentKey: key };
  }

  async #size({ key, shape, checkpointDigest, isDecoded }: LatentState): Promise<{ width: number; height: number }> {
    const card = isDecoded ? await this.#cards.find(checkpointDigest) : null;
    if (!card) return this.#pictures.pixels(key);
    const [, rows = 0, columns = 0] = shape;
    return { width: columns * card.latentScale, height: rows * card.latentScale };
  }
}
