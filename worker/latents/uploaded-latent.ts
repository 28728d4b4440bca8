/** Latents that callers send, as far as a checkpoint can read them. */
import { isDklat, readDklat, readDklatHeader } from '../../models/latent-file/dklat.ts';
import { DklatError } from '../../models/latent-file/dklat-error.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import { InputError } from '../../schema/errors.ts';
import type { ImageSize, ReadLatent } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { readLatent, UnreadableLatent } from './latent-upload.ts';
import { latentKey } from './recipe.ts';
import { digestOf } from './tensor-blobs.ts';

/**
 * @param size of the picture that it is to be
 * @param path of the file in the input
 * @throws InputError
 */
export async function uploadedLatent(
  file: Uint8Array,
  card: CheckpointCard,
  size: ImageSize,
  path: readonly string[],
): Promise<ReadLatent> {
  const latent = latentIn(file, card, size, path);
  const { dims: shape } = latent;
  const digest = await digestOf(latent);
  const key = await latentKey({ kind: 'uploaded', version: 1, checkpoint: card.digest, digest, shape });
  return { kind: 'LATENT', latentKey: key, latent };
}

/**
 * Latents are not resized: of what they mean, another size is nothing.
 * @param name of the latent in the message
 * @throws InputError
 */
export function expectShape(
  name: string,
  shape: readonly number[],
  { latentShape: [channels], latentScale }: CheckpointCard,
  { width, height }: ImageSize,
  path: readonly string[],
): void {
  const expected = [channels, height / latentScale, width / latentScale];
  if (shape.join() === expected.join()) return;
  const [, rows = 0, columns = 0] = shape;
  const message =
    `${name} has the shape [${shape.join(', ')}], which is ${columns * latentScale}×${rows * latentScale} pixels: ` +
    `expected [${expected.join(', ')}] for width ${width} and height ${height}`;
  throw new InputError([{ path, message }]);
}

function latentIn(file: Uint8Array, card: CheckpointCard, size: ImageSize, path: readonly string[]): FloatTensor {
  const refuse = (message: string) => new InputError([{ path, message }]);
  try {
    if (!isDklat(file)) {
      const latent = readLatent(file);
      expectShape('the latent', latent.dims, card, size, path);
      return latent;
    }
    // A small file may claim to be a large latent, which takes long to decode.
    const { checkpointDigest, shape } = readDklatHeader(file);
    expectShape('the latent', shape, card, size, path);
    if (checkpointDigest === card.digest) return readDklat(file).latent;
    const [its, ours] = [checkpointDigest, card.digest].map(digest => `${digest.slice(0, 10)}…`);
    throw refuse(`the .dklat is of another checkpoint, ${its}, which ${card.name} (${ours}) cannot read`);
  } catch (error) {
    if (error instanceof UnreadableLatent) throw refuse(error.message);
    if (error instanceof DklatError) throw refuse(`the .dklat cannot be read: ${error.message}`);
    throw error;
  }
}
