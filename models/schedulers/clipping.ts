import { booleanOption, numberOption, type SchedulerConfig } from './config.ts';

const { fround } = Math;

/** Keeps a predicted x_0 in the range of real images. Never changes what it is given. */
export type Clipping = (original: Float32Array) => Float32Array;

/**
 * What the config says of clipping: dynamic thresholding, a fixed range, or nothing.
 * @param images how many images an array holds: thresholding looks at each alone
 * @param clippedByDefault the class's default of `clip_sample`
 * @throws UnsupportedError naming the option
 */
export function clippingOf(config: SchedulerConfig, images: number, clippedByDefault: boolean): Clipping {
  return thresholdingOf(config, images) ?? rangeOf(config, clippedByDefault);
}

/** Dynamic thresholding alone, for classes that know no fixed range; null without. */
export function thresholdingOf(config: SchedulerConfig, images: number): Clipping | null {
  if (!booleanOption(config, 'thresholding', false)) return null;
  const ratio = numberOption(config, 'dynamic_thresholding_ratio', 0.995);
  const maximum = numberOption(config, 'sample_max_value', 1);
  return original => dynamicThreshold(original, images, ratio, maximum);
}

/** A fixed range alone, for classes that know no thresholding. @param clippedByDefault as for `clippingOf` */
export function rangeOf(config: SchedulerConfig, clippedByDefault: boolean): Clipping {
  if (!booleanOption(config, 'clip_sample', clippedByDefault)) return original => original;
  const range = numberOption(config, 'clip_sample_range', 1);
  return original => original.map(x => Math.min(Math.max(x, -range), range));
}

/**
 * Clips each image at a quantile of its own absolute values (at least 1, at most `maximum`) and scales that to 1.
 * Source: Saharia et al., "Photorealistic text-to-image diffusion models" (Imagen), 2022, section 2.3.
 */
function dynamicThreshold(original: Float32Array, images: number, ratio: number, maximum: number): Float32Array {
  const result = new Float32Array(original.length);
  const size = original.length / images;
  for (let begin = 0; begin < original.length; begin += size) {
    const image = original.subarray(begin, begin + size);
    const s = Math.min(Math.max(quantile(image.map(Math.abs).sort(), ratio), 1), fround(maximum));
    for (let i = 0; i < size; i++) result[begin + i] = Math.min(Math.max(image[i]!, -s), s) / s;
  }
  return result;
}

/** `torch.quantile`: interpolates linearly between neighbours, in float32. */
function quantile(sorted: Float32Array, q: number): number {
  const rank = fround(fround(q) * (sorted.length - 1));
  const below = Math.floor(rank);
  const low = sorted[below]!;
  const high = sorted[Math.ceil(rank)]!;
  return fround(low + fround(fround(rank - below) * fround(high - low)));
}
