/** What the autoencoder keeps of a picture, in numbers. */
import type { ReadPicture, ReconstructionState } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { meanSquaredError, psnrOf } from './image-error.ts';
import type { PicturedLatent } from './kept-latents.ts';

export function reconstruction(
  _card: CheckpointCard,
  { pixels, source }: ReadPicture,
  { state, pixels: decoded }: PicturedLatent,
): Omit<ReconstructionState, 'image'> {
  const mse = meanSquaredError(pixels, decoded);
  return {
    latent: state,
    mse,
    psnr: psnrOf(mse),
    outlier: null,
    bitsPerPixelIn: (8 * source.bytes) / (source.width * source.height),
    bitsPerPixelLatent: (8 * state.bytes) / (decoded.width * decoded.height),
  };
}
