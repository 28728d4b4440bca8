import { choiceOption, type SchedulerConfig } from './config.ts';
import { linearCombination } from './linear-combination.ts';

const { fround, sqrt } = Math;

/**
 * What the classes after Karras et al. (Euler, Euler ancestral, Heun) have in common: their latent is x_0 + σ ε, with a
 * variance that grows with σ, while the UNet was trained on √ᾱ x_0 + √(1 − ᾱ) ε.
 *
 * Source: Karras et al., "Elucidating the design space of diffusion-based generative models", 2022, table 1, column VP.
 */

/** √(σ² + 1), in float32: 1 / √ᾱ. */
function scaleOf(sigma: number): number {
  return fround(sqrt(fround(fround(sigma * sigma) + 1)));
}

/** Makes the variance what the UNet knows: x / √(σ² + 1). */
export function scaledInput(x: Float32Array, sigma: number): Float32Array {
  const scale = scaleOf(sigma);
  return x.map(value => value / scale);
}

/**
 * Standard deviation of the noise a run starts from. Where the timesteps are `leading`, the first is not the last of the
 * training's, so that there is some of the image, of variance 1, in x_T.
 */
export function initialSigma(config: SchedulerConfig, sigmas: Float32Array): number {
  const max = sigmas.reduce((most, sigma) => Math.max(most, sigma));
  const spacing = choiceOption(config, 'timestep_spacing', ['leading', 'trailing', 'linspace'], 'linspace');
  return spacing === 'leading' ? scaleOf(max) : max;
}

/**
 * The predicted x_0.
 * @param sigma what the latent's noise is
 * @param churned the same with fresh noise, where a scheduler adds some before a step
 */
export function originalOf(
  type: 'epsilon' | 'sample' | 'v_prediction',
  output: Float32Array,
  x: Float32Array,
  sigma: number,
  churned = sigma,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return linearCombination([1, x], [-churned, output]);
    case 'sample':
      return output;
    case 'v_prediction': {
      const factor = fround(-sigma / scaleOf(sigma));
      const divisor = fround(fround(sigma * sigma) + 1);
      return x.map((value, i) => fround(output[i]! * factor) + fround(value / divisor));
    }
  }
}

/** d = (x − x_0) / σ: the slope dx/dσ of the probability flow. Equation 4, with equation 3 for the score. */
export function slope(x: Float32Array, original: Float32Array, sigma: number): Float32Array {
  return x.map((value, i) => fround(value - original[i]!) / sigma);
}

/** x_t = x_0 + σ ε. */
export function explode(original: Float32Array, noise: Float32Array, sigma: number | undefined): Float32Array {
  if (sigma === undefined) throw new RangeError('no such step to add noise for');
  if (noise.length !== original.length) {
    throw new RangeError(`noise of ${noise.length} numbers, expected ${original.length}`);
  }
  return linearCombination([1, original], [sigma, noise]);
}
