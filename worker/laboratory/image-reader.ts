/** Images that the laboratory works on, brought to the checkpoint's own size. */

import { fitted } from '../../models/fit.ts';
import type { ImageSource, LatentState, Pixels } from '../../schema/context.ts';
import { InputError } from '../../schema/errors.ts';
import type { ImageSize, ReadImage, ReadPicture } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { imageBytes, imagePath } from '../images/image-bytes.ts';
import { readPicture } from '../images/read-picture.ts';
import { UnreadableImage } from '../images/unreadable-image.ts';
import { encodedKey, pixelsDigest } from '../latents/encoded-key.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import { isLatentFile } from '../latents/latent-upload.ts';
import { namedLatent } from '../latents/named-latent.ts';
import { uploadedLatent } from '../latents/uploaded-latent.ts';

export interface ImageReaderOptions {
  readonly findLatent: (key: string) => Promise<LatentState | null>;
  readonly pictures: Pick<LatentPictures, 'pixels'>;
}

export class ImageReader {
  readonly #options: ImageReaderOptions;

  constructor(options: ImageReaderOptions) {
    this.#options = options;
  }

  /** As `LaboratoryService.read`. */
  async read(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadImage> {
    const at = imagePath(image, path);
    const bytes = await imageBytes(image, path);
    if (bytes && isLatentFile(bytes)) return uploadedLatent(bytes, card, card.defaults, at);
    return this.#picture(bytes, image, card, at);
  }

  /** As `LaboratoryService.readPicture`. */
  async readPicture(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadPicture> {
    const at = imagePath(image, path);
    const bytes = await imageBytes(image, path);
    if (!bytes || !isLatentFile(bytes)) return this.#picture(bytes, image, card, at);
    const message =
      'the file is a latent: a picture is needed. encodeImage keeps it; then name its picture by latentKey';
    throw new InputError([{ path: at, message }]);
  }

  /** @param bytes null: the image is a stored latent's */
  async #picture(
    bytes: Uint8Array | null,
    { latentKey: key }: ImageSource,
    card: CheckpointCard,
    path: readonly string[],
  ): Promise<ReadPicture> {
    if (!bytes) return this.#ofLatent(key!, card, path);
    const picture = await readPicture(bytes, 'WHITE').catch((error: unknown) => {
      if (error instanceof UnreadableImage) throw new InputError([{ path, message: error.message }]);
      throw error;
    });
    return readAs(picture, bytes.byteLength, card);
  }

  /** The image of a stored latent, of whatever checkpoint. */
  async #ofLatent(key: string, card: CheckpointCard, path: readonly string[]): Promise<ReadPicture> {
    const latent = await namedLatent(this.#options.findLatent, key, path);
    const picture = await this.#options.pictures.pixels(key);
    const read = await readAs(picture, picture.data.byteLength, card);
    const isWhole = read.pixels === picture && latent.checkpointDigest === card.digest;
    return { ...read, pictureOf: isWhole ? key : null };
  }
}

async function readAs(picture: Pixels, bytes: number, card: CheckpointCard): Promise<ReadPicture> {
  const { width, height } = card.defaults;
  const pixels = fitted(picture, width, height);
  const source: ImageSize & { bytes: number } = { width: picture.width, height: picture.height, bytes };
  const key = await encodedKey(card.digest, pixels, await pixelsDigest(pixels));
  return { kind: 'PICTURE', latentKey: key, pixels, pictureOf: null, source };
}
