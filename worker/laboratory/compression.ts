/** An image as a small file of its latent. */
import { dklatVersion, writeDklat } from '../../models/latent-file/dklat.ts';
import { dequantise, type QuantisedLatent, quantise } from '../../models/latent-file/quantised-latent.ts';
import { ParameterError } from '../../models/parameter-error.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import { InputError } from '../../schema/errors.ts';
import type { CompressionState, ReadImage } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { latentKey } from '../latents/recipe.ts';
import { digestOf } from '../latents/tensor-blobs.ts';
import { meanSquaredError, psnrOf } from './image-error.ts';
import type { KeptLatents } from './kept-latents.ts';
import type { LaboratoryFiles } from './laboratory-files.ts';
import { rivalsOf } from './rivals.ts';
import { type LatentReader, storedLatent } from './stored-latent.ts';

export interface CompressionOptions {
  readonly kept: Pick<KeptLatents, 'ofImage' | 'ofImagePictured' | 'pictured'>;
  readonly store: LatentReader;
  readonly files: Pick<LaboratoryFiles, 'keepCompressed'>;
}

/**
 * Keeps the quantised latent, its picture and its file. What is compared with is the image as it was brought to its size; of
 * a latent that was sent in place of one, its picture.
 */
export async function compressed(
  { kept, store, files }: CompressionOptions,
  card: CheckpointCard,
  image: ReadImage,
  bits: number,
): Promise<Omit<CompressionState, 'image'>> {
  // What was a latent already is not encoded once more.
  const own = image.kind === 'PICTURE' ? image.pictureOf : null;
  const { key: sourceKey, latent } = own
    ? { key: own, latent: await storedLatent(store, own) }
    : await ofImage(kept, card, image);
  const original = image.kind === 'PICTURE' ? image.pixels : (await kept.ofImagePictured(card, image)).pixels;
  const quantised = quantisedOf(latent, bits);
  const file = writeDklat(quantised, { checkpointDigest: card.digest });
  const sourceDigest = await digestOf(latent);
  const key = await latentKey({ kind: 'quantised', version: 1, sourceKey, sourceDigest, format: dklatVersion, bits });
  const made = await kept.pictured(card, key, dequantise(quantised), [sourceKey]);
  const { width, height } = original;
  return {
    latent: made.state,
    bytes: file.byteLength,
    bitsPerPixel: (8 * file.byteLength) / (width * height),
    psnr: psnrOf(meanSquaredError(original, made.pixels)),
    url: await files.keepCompressed(key, file),
    rivals: await rivalsOf(original, file.byteLength),
  };
}

async function ofImage(kept: Pick<KeptLatents, 'ofImage'>, card: CheckpointCard, image: ReadImage) {
  const { state, latent } = await kept.ofImage(card, image);
  return { key: state.key, latent };
}

/** @throws InputError for a latent whose numbers no autoencoder makes */
function quantisedOf(latent: FloatTensor, bits: number): QuantisedLatent {
  try {
    return quantise(latent, bits);
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    throw new InputError([{ path: ['input', 'image'], message: `the latent cannot be quantised: ${error.message}` }]);
  }
}
