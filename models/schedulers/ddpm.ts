import { choiceOption, type SchedulerConfig } from './config.ts';
import { DiscreteModel } from './discrete-model.ts';
import { linearCombination } from './linear-combination.ts';
import { rescaledAlphasCumprod } from './noise-schedule.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, drawFor, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { chosenTimesteps, spacedTimesteps } from './timestep-spacing.ts';

const { fround, sqrt } = Math;

const varianceTypes = ['fixed_small', 'fixed_small_log', 'fixed_large'] as const;

/**
 * Denoising diffusion probabilistic models: ancestral sampling, with fresh noise after each step.
 *
 * Source: Ho et al., "Denoising diffusion probabilistic models", 2020. Options, defaults and rounding as diffusers'
 * `DDPMScheduler`; a variance that the model predicts (`learned`) is not supported, since no latent diffusion UNet does.
 */
export class DdpmScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise = true;
  readonly #model: DiscreteModel;
  readonly #variance: (typeof varianceTypes)[number];

  /**
   * @throws RangeError when there are more steps than timesteps, or the chosen ones do not descend
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps, timesteps, strength, images = 1 }: SchedulerOptions) {
    this.timesteps = timesteps ? chosenTimesteps(config, timesteps) : spacedTimesteps(config, steps!);
    this.begin = firstCall(this.timesteps.length, strength);
    const alphasCumprod = rescaledAlphasCumprod(config, { more: ['laplace', 'sigmoid'] });
    this.#model = new DiscreteModel(config, alphasCumprod, images, true);
    this.#variance = choiceOption(config, 'variance_type', varianceTypes, 'fixed_small');
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  /** Algorithm 2, with μ̃ of equation 7. */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    const t = checkStep(this.timesteps, index, modelOutput, x);
    const { original, cumprod } = this.#model.read(modelOutput, x, t); // x_0, ᾱ_t
    const previousCumprod = this.#model.cumprod(this.timesteps[index + 1] ?? -1) ?? 1; // ᾱ_{t−1}
    const remainder = fround(1 - cumprod); // 1 − ᾱ_t
    const previousRemainder = fround(1 - previousCumprod); // 1 − ᾱ_{t−1}
    const alpha = fround(cumprod / previousCumprod); // α_t
    const beta = fround(1 - alpha); // β_t

    const originalFactor = fround(fround(fround(sqrt(previousCumprod)) * beta) / remainder);
    const latentFactor = fround(fround(fround(sqrt(alpha)) * previousRemainder) / remainder);
    const mean = linearCombination([originalFactor, original], [latentFactor, x]); // μ̃_t(x_t, x_0)
    if (t === 0) return mean;

    const variance = Math.max(fround(fround(previousRemainder / remainder) * beta), fround(1e-20)); // β̃_t
    const sigma = fround(sqrt(this.#variance === 'fixed_large' ? beta : variance)); // σ_t
    return linearCombination([1, mean], [sigma, drawFor(x, noise)]);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return this.#model.addNoise(original, noise, timestepAt(this.timesteps, index));
  }

  /** Each step stands alone. */
  state(): SchedulerState {
    return {};
  }

  restore(): void {}
}
