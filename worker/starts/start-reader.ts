/** What generations start from: pictures, files of latents, and latents that are here. */
import { resize } from '../../models/resize.ts';
import type { ImageSource, LatentState, Pixels, ReadStart, StartService, StartSource } from '../../schema/context.ts';
import { InputError } from '../../schema/errors.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { imageBytes, imagePath } from '../images/image-bytes.ts';
import { readPicture } from '../images/read-picture.ts';
import { UnreadableImage } from '../images/unreadable-image.ts';
import { encodedKey, pixelsDigest } from '../latents/encoded-key.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import { isLatentFile } from '../latents/latent-upload.ts';
import { namedLatent } from '../latents/named-latent.ts';
import { expectShape, uploadedLatent } from '../latents/uploaded-latent.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export class StartReader implements StartService {
  readonly #findLatent: (key: string) => Promise<LatentState | null>;
  readonly #pictures: Pick<LatentPictures, 'pixels'>;

  constructor(findLatent: (key: string) => Promise<LatentState | null>, pictures: Pick<LatentPictures, 'pixels'>) {
    this.#findLatent = findLatent;
    this.#pictures = pictures;
  }

  async read(
    { image, latentKey: key }: StartSource,
    card: CheckpointCard,
    size: Size,
    path: readonly string[],
  ): Promise<ReadStart> {
    if (image) return this.#readImage(image, card, size, [...path, 'image']);
    const at = [...path, 'latentKey'];
    const latent = await namedLatent(this.#findLatent, key!, at);
    if (latent.checkpointDigest !== card.digest) {
      refuse(
        at,
        `latentKey is a latent of another checkpoint, ${latent.checkpointDigest.slice(0, 10)}…, which ${card.name} ` +
          `(${card.digest.slice(0, 10)}…) cannot read: start from its image with image: { latentKey }`,
      );
    }
    expectShape('latentKey', latent.shape, card, size, at);
    return { from: 'LATENT', latentKey: latent.key, content: null };
  }

  async #readImage(source: ImageSource, card: CheckpointCard, size: Size, path: readonly string[]): Promise<ReadStart> {
    const at = imagePath(source, path);
    const bytes = await imageBytes(source, path);
    if (bytes && isLatentFile(bytes)) {
      const { latentKey: key, latent } = await uploadedLatent(bytes, card, size, at);
      return { from: 'LATENT', latentKey: key, content: { kind: 'LATENT', latent } };
    }
    const picture = bytes
      ? await readPicture(bytes).catch(unreadable(at))
      : await this.#pictures.pixels((await namedLatent(this.#findLatent, source.latentKey!, at)).key);
    return encoded(picture, card, size);
  }
}

/** A picture, whatever its size, brought to that of the images. */
async function encoded(picture: Pixels, { digest: checkpoint }: CheckpointCard, size: Size): Promise<ReadStart> {
  const { width, height } = size;
  const { data } = resize({ data: picture.data, dims: [picture.height, picture.width, 3] }, width, height);
  const pixels = { data, width, height };
  const digest = await pixelsDigest(pixels);
  const key = await encodedKey(checkpoint, pixels, digest);
  return { from: 'IMAGE', latentKey: key, content: { kind: 'PIXELS', pixels, digest } };
}

function unreadable(path: readonly string[]): (error: unknown) => never {
  return error => {
    if (error instanceof UnreadableImage) refuse(path, error.message);
    throw error;
  };
}

function refuse(path: readonly string[], message: string): never {
  throw new InputError([{ path, message }]);
}
