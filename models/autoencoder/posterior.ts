import { repeatRow } from '../rows.ts';
import type { FloatTensor } from '../runtime.ts';

/** What the encoder thinks of a picture: a Gaussian for every number of its latent (diffusers' `DiagonalGaussian`). */
export class Posterior {
  /** `[batch, channels, height, width] float32`, the most likely latent: diffusers' `mode()`. */
  readonly mean: FloatTensor;
  /** Standard deviation, of `mean`'s shape. */
  readonly std: FloatTensor;
  /** What the encoder said, and all that this is made of. */
  readonly moments: FloatTensor;

  /** @param moments `[batch, 2 channels, height, width] float32`: mean, then the variance's logarithm */
  constructor(moments: FloatTensor) {
    this.moments = moments;
    const [batch, both, height, width] = moments.dims as [number, number, number, number];
    const size = (both / 2) * height * width;
    const mean = new Float32Array(batch * size);
    const std = new Float32Array(batch * size);
    for (let item = 0; item < batch; item++) {
      const begin = item * 2 * size;
      mean.set(moments.data.subarray(begin, begin + size), item * size);
      for (let i = 0; i < size; i++) {
        const logVariance = Math.min(20, Math.max(-30, moments.data[begin + size + i]!));
        std[item * size + i] = Math.exp(0.5 * logVariance);
      }
    }
    const dims = [batch, both / 2, height, width];
    this.mean = { data: mean, dims };
    this.std = { data: std, dims };
  }

  /**
   * @param noise standard normal, of `mean`'s shape, or for a single picture as many rows as there are to be samples
   * @returns a latent `mean + std · noise` for each row of noise, not scaled
   */
  sample(noise: FloatTensor): FloatTensor {
    const [rows = 1] = noise.dims;
    const mean = repeatRow(this.mean, rows);
    const { data: std } = repeatRow(this.std, rows);
    if (mean.data.length !== noise.data.length)
      throw new RangeError(`noise [${noise.dims}] for latents [${mean.dims}]`);
    return { data: mean.data.map((value, i) => value + std[i]! * noise.data[i]!), dims: mean.dims };
  }
}
