/** What generations start from: pictures, files of latents, and latents that are here. */
import { resize } from '../../models/resize.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import type { ImageSource, LatentState, Pixels, ReadStart, StartService, StartSource } from '../../schema/context.ts';
import { InputError, RequestError } from '../../schema/errors.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { imageBytes, imagePath } from '../images/image-bytes.ts';
import { readPicture } from '../images/read-picture.ts';
import { UnreadableImage } from '../images/unreadable-image.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import { isSafetensors, readLatent, UnreadableLatent } from '../latents/latent-upload.ts';
import { latentKey } from '../latents/recipe.ts';
import { digestOf } from '../latents/tensor-blobs.ts';
import { pixelsDigest } from './start-pixels.ts';

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
    const latent = await this.#latent(key!, at);
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
    if (bytes && isSafetensors(bytes)) return uploaded(bytes, card, size, at);
    const picture = bytes
      ? await readPicture(bytes).catch(unreadable(at))
      : await this.#pictures.pixels((await this.#latent(source.latentKey!, at)).key);
    return encoded(picture, card, size);
  }

  async #latent(key: string, path: readonly string[]): Promise<LatentState> {
    if (!/^[0-9a-f]{64}$/.test(key)) refuse(path, 'latentKey is not 64 lower-case hex digits');
    const latent = await this.#findLatent(key);
    if (latent === null) throw new RequestError('NOT_FOUND', `There is no latent ${key}`);
    return latent;
  }
}

/** A picture, whatever its size, brought to that of the images. */
async function encoded(picture: Pixels, { digest: checkpoint }: CheckpointCard, size: Size): Promise<ReadStart> {
  const { width, height } = size;
  const { data } = resize({ data: picture.data, dims: [picture.height, picture.width, 3] }, width, height);
  const pixels = { data, width, height };
  const digest = await pixelsDigest(pixels);
  const key = await latentKey({ kind: 'encoded', version: 1, checkpoint, pixels: digest, width, height });
  return { from: 'IMAGE', latentKey: key, content: { kind: 'PIXELS', pixels, digest } };
}

async function uploaded(
  file: Uint8Array,
  card: CheckpointCard,
  size: Size,
  path: readonly string[],
): Promise<ReadStart> {
  let latent: FloatTensor;
  try {
    latent = readLatent(file);
  } catch (error) {
    return unreadable(path)(error);
  }
  expectShape('the latent', latent.dims, card, size, path);
  const { dims: shape } = latent;
  const digest = await digestOf(latent);
  const key = await latentKey({ kind: 'uploaded', version: 1, checkpoint: card.digest, digest, shape });
  return { from: 'LATENT', latentKey: key, content: { kind: 'LATENT', latent } };
}

/** Latents are not resized: of what they mean, another size is nothing. */
function expectShape(
  name: string,
  shape: readonly number[],
  { latentShape: [channels], latentScale }: CheckpointCard,
  { width, height }: Size,
  path: readonly string[],
): void {
  const expected = [channels, height / latentScale, width / latentScale];
  if (shape.join() === expected.join()) return;
  const [, rows = 0, columns = 0] = shape;
  refuse(
    path,
    `${name} has the shape [${shape.join(', ')}], which is ${columns * latentScale}×${rows * latentScale} pixels: ` +
      `expected [${expected.join(', ')}] for width ${width} and height ${height}`,
  );
}

function unreadable(path: readonly string[]): (error: unknown) => never {
  return error => {
    if (error instanceof UnreadableImage || error instanceof UnreadableLatent) refuse(path, error.message);
    throw error;
  };
}

function refuse(path: readonly string[], message: string): never {
  throw new InputError([{ path, message }]);
}
