/** Latents that callers send as files: which kind it is, and what is in a `.safetensors`. */
import { readSafetensors, SafetensorsError } from '../../models/checkpoint/safetensors.ts';
import { isDklat } from '../../models/latent-file/dklat.ts';
import type { FloatTensor } from '../../models/runtime.ts';

/** A file that holds no latent. The message says of it what it is. */
export class UnreadableLatent extends Error {
  override readonly name = 'UnreadableLatent';
}

/** Whether a file begins as a `.safetensors` does: eight bytes of length, then JSON. */
export function isSafetensors(file: Uint8Array): boolean {
  // Longer headers than 16 MB are nobody's latent.
  return file.byteLength > 10 && file[8] === 0x7b && file.subarray(3, 8).every(byte => byte === 0);
}

/** Whether a file is a latent of any kind that is taken. */
export function isLatentFile(file: Uint8Array): boolean {
  return isDklat(file) || isSafetensors(file);
}

/**
 * The tensor `latent` of a file as `Latent.url` serves it, or with a batch of one before its shape, as diffusers saves it.
 * @returns `[channels, height, width] float32`
 * @throws UnreadableLatent
 */
export function readLatent(file: Uint8Array): FloatTensor {
  const tensor = tensorIn(file);
  if (!tensor) throw new UnreadableLatent('the .safetensors has no tensor called latent');
  const { data } = tensor;
  const dims = tensor.dims.length === 4 && tensor.dims[0] === 1 ? tensor.dims.slice(1) : tensor.dims;
  if (!(data instanceof Float32Array) || dims.length !== 3 || data.length === 0) {
    throw new UnreadableLatent(
      `the tensor latent is [${tensor.dims.join(', ')}]: expected [channels, height, width] of F32, F16 or BF16`,
    );
  }
  if (!data.every(Number.isFinite)) throw new UnreadableLatent('the tensor latent holds NaN or infinity');
  return { data, dims };
}

function tensorIn(file: Uint8Array) {
  try {
    return readSafetensors(file).get('latent');
  } catch (error) {
    if (error instanceof SafetensorsError) throw new UnreadableLatent(`the .safetensors is damaged: ${error.message}`);
    throw error;
  }
}
