import { ParameterError } from '../parameter-error.ts';
import { integerOption, numberOption, type SchedulerConfig } from './config.ts';
import { DiscreteModel } from './discrete-model.ts';
import { linearCombination } from './linear-combination.ts';
import { rescaledAlphasCumprod } from './noise-schedule.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, drawFor, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { chosenTimesteps } from './timestep-spacing.ts';

const { fround, sqrt } = Math;

/**
 * Multistep sampling of latent consistency models: each step goes all the way to x_0, and back to less noise.
 *
 * Source: Luo et al., "Latent consistency models: synthesizing high-resolution images with few-step inference", 2023,
 * algorithm 3. Options, defaults and rounding as diffusers' `LCMScheduler`.
 */
export class LcmScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise: boolean;
  readonly #model: DiscreteModel;
  readonly #timestepScaling: number;

  /**
   * @throws RangeError when there are more steps than the model was distilled for, or the chosen ones do not descend
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps, timesteps, strength, images = 1 }: SchedulerOptions) {
    this.timesteps = timesteps ? chosenTimesteps(config, timesteps) : distilledTimesteps(config, steps!);
    this.begin = firstCall(this.timesteps.length, strength);
    this.needsNoise = this.timesteps.length - this.begin > 1;
    const betas = { start: 0.00085, end: 0.012, schedule: 'scaled_linear' } as const;
    this.#model = new DiscreteModel(config, rescaledAlphasCumprod(config, betas), images, false);
    this.#timestepScaling = numberOption(config, 'timestep_scaling', 10);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  /** Algorithm 3; f_θ as in equation 9. */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    const t = checkStep(this.timesteps, index, modelOutput, x);
    const { original } = this.#model.read(modelOutput, x, t);

    // The boundary condition: f_θ is x itself where there is no noise.
    const variance = 0.25; // σ_data²
    const scaled = fround(t * this.#timestepScaling);
    const sum = fround(fround(scaled * scaled) + variance);
    const cSkip = fround(variance / sum);
    const cOut = fround(scaled / fround(sqrt(sum)));
    const denoised = linearCombination([cOut, original], [cSkip, x]); // f_θ(x_t, t)

    const next = this.timesteps[index + 1];
    return next === undefined ? denoised : this.#model.addNoise(denoised, drawFor(x, noise), next);
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

/** Some of the timesteps the model was distilled on (section 4.3: every k-th of the training's), the noisiest first. */
function distilledTimesteps(config: SchedulerConfig, steps: number): number[] {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  const distilled = integerOption(config, 'original_inference_steps', 50, 1);
  if (distilled > trained) {
    throw new ParameterError(`original_inference_steps is ${distilled}, expected at most ${trained}`);
  }
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > distilled) {
    throw new ParameterError(
      `${steps} steps, expected a whole number from 1 to ${distilled}: the model was distilled on those`,
    );
  }
  const k = Math.floor(trained / distilled);
  return Array.from({ length: steps }, (_, i) => (distilled - Math.floor((i * distilled) / steps)) * k - 1);
}
