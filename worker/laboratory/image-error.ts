import type { Pixels } from '../../schema/context.ts';

/** dB; of pictures that are the same to the byte, where it would be infinite. */
export const identicalPsnr = 100;

/** Mean squared difference of all values, 0 to 255 each. @throws RangeError for pictures of different sizes */
export function meanSquaredError(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(`pictures of ${a.width}×${a.height} and ${b.width}×${b.height}`);
  }
  let sum = 0;
  for (const [i, value] of a.data.entries()) sum += (value - b.data[i]!) ** 2;
  return sum / a.data.length;
}

/** Peak signal-to-noise ratio in dB: 10 log₁₀(255² / mse), at most {@link identicalPsnr}. */
export function psnrOf(mse: number): number {
  return Math.min(identicalPsnr, 10 * Math.log10(255 ** 2 / mse));
}
