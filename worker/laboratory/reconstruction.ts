/** What the autoencoder keeps of a picture, in numbers. */
import { outlierMeasure, outlierVerdict } from '../../models/outlier.ts';
import type { Tensor } from '../../models/runtime.ts';
import type { Pixels } from '../../schema/context.ts';
import type { ReadPicture, ReconstructionState } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { meanSquaredError, psnrOf } from './image-error.ts';
import type { PicturedLatent } from './kept-latents.ts';

export function reconstruction(
  { heldOut }: CheckpointCard,
  { pixels, source }: ReadPicture,
  { state, pixels: decoded }: PicturedLatent,
): Omit<ReconstructionState, 'image'> {
  const mse = meanSquaredError(pixels, decoded);
  return {
    latent: state,
    mse,
    psnr: psnrOf(mse),
    outlier: heldOut ? outlierVerdict(outlierMeasure(tensorOf(pixels), tensorOf(decoded)), heldOut) : null,
    bitsPerPixelIn: (8 * source.bytes) / (source.width * source.height),
    bitsPerPixelLatent: (8 * state.bytes) / (decoded.width * decoded.height),
  };
}

function tensorOf({ data, width, height }: Pixels): Tensor<Uint8Array> {
  return { data, dims: [height, width, 3] };
}
