/** Classifier-free guidance (Ho and Salimans 2022, https://arxiv.org/abs/2207.12598). */

/**
 * `ε_uncond + s (ε_text - ε_uncond)`
 * @param unconditional what the UNet predicts for the negative prompt
 * @param conditional what it predicts for the prompt
 * @param scale s; 1 is the prompt's prediction alone
 */
export function guide(unconditional: Float32Array, conditional: Float32Array, scale: number): Float32Array {
  return unconditional.map((value, i) => value + scale * (conditional[i]! - value));
}

/**
 * Brings the standard deviation of a guided prediction back to that of the prompt's own, image by image (Lin et al. 2023,
 * https://arxiv.org/abs/2305.08891, section 3.4).
 * @param guided what `guide` returned for `images` images
 * @param conditional what the UNet predicts for the prompt
 * @param rescale φ, 0 (as it is) to 1 (fully rescaled)
 */
export function rescaleGuidance(
  guided: Float32Array,
  conditional: Float32Array,
  rescale: number,
  images: number,
): Float32Array {
  const result = new Float32Array(guided.length);
  const size = guided.length / images;
  for (let begin = 0; begin < guided.length; begin += size) {
    const image = guided.subarray(begin, begin + size);
    const ratio = standardDeviation(conditional.subarray(begin, begin + size)) / standardDeviation(image);
    const factor = rescale * ratio + (1 - rescale);
    for (let i = 0; i < size; i++) result[begin + i] = factor * image[i]!;
  }
  return result;
}

/** Of a sample: divided by n - 1, as PyTorch does. */
function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
