import { choiceOption, type SchedulerConfig } from './config.ts';
import { float32Log } from './float32-log.ts';
import { linearCombination } from './linear-combination.ts';
import { linspace, positiveAlphasCumprod } from './noise-schedule.ts';
import type { Churn, Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import {
  finalSigma,
  interpolateSigmas,
  refuseChosenTimesteps,
  sigmaSpacing,
  timestepsOf,
  trainingSigmas,
} from './sigmas.ts';
import { checkStep, drawFor } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { fractionalTimesteps } from './timestep-spacing.ts';
import { explode, initialSigma, originalOf, scaledInput, slope } from './variance-exploding.ts';

const { fround, sqrt } = Math;

/**
 * Euler's method along the probability flow, in the noise level σ; with churn, the stochastic sampler.
 *
 * Source: Karras et al., "Elucidating the design space of diffusion-based generative models", 2022, algorithm 2 without
 * its second-order correction. Options, defaults and rounding as diffusers' `EulerDiscreteScheduler`.
 */
export class EulerScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
  readonly begin: number;
  readonly initNoiseSigma: number;
  readonly needsNoise: boolean;
  readonly #prediction: 'epsilon' | 'sample' | 'v_prediction';
  readonly #churn: Churn;

  /**
   * @throws RangeError when there are more steps than timesteps
   * @throws UnsupportedError naming the option
   */
  constructor(
    config: SchedulerConfig,
    { steps, timesteps, sigmas, strength, churn = { amount: 0 } }: SchedulerOptions,
  ) {
    const known = ['epsilon', 'sample', 'v_prediction', 'original_sample'] as const;
    const prediction = choiceOption(config, 'prediction_type', known, 'epsilon');
    this.#prediction = prediction === 'original_sample' ? 'sample' : prediction;
    this.#churn = churn;
    this.needsNoise = churn.amount > 0;
    const trained = trainingSigmas(positiveAlphasCumprod(config));
    const continuous =
      choiceOption(config, 'timestep_type', ['discrete', 'continuous'], 'discrete') === 'continuous' &&
      prediction === 'v_prediction';
    if (timesteps) refuseChosenTimesteps(config, ...(continuous ? ['timestep_type'] : []));

    const spacing = sigmaSpacing(config);
    let visited: ArrayLike<number>;
    if (sigmas) {
      this.sigmas = Float32Array.from(sigmas);
      visited = timestepsOf([...this.sigmas.subarray(0, -1)], trained);
    } else {
      visited = timesteps ? Float32Array.from(timesteps) : fractionalTimesteps(config, steps!);
      let levels = interpolated(config, visited, trained);
      if (spacing) {
        levels = spacing(levels[0]!, levels.at(-1)!, visited.length);
        visited = timestepsOf(levels, trained);
      }
      this.sigmas = Float32Array.from([...levels, finalSigma(config, trained)]);
    }
    this.timesteps = continuous
      ? Array.from(this.sigmas.subarray(0, -1), sigma => fround(0.25 * fround(Math.log(sigma)))) // c_noise of table 1
      : Array.from(visited, fround);
    this.begin = firstCall(visited.length, strength);
    this.initNoiseSigma = initialSigma(config, this.sigmas);
  }

  scaleModelInput(x: Float32Array, index: number): Float32Array {
    return scaledInput(x, this.sigmas[index]!);
  }

  /** Algorithm 2, lines 4 to 8. */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    checkStep(this.timesteps, index, modelOutput, x);
    const sigma = this.sigmas[index]!; // σ_i
    const gamma = this.#gamma(sigma); // γ_i
    const churned = fround(sigma * fround(gamma + 1)); // σ̂_i
    let noisy = x; // x̂_i
    if (gamma > 0) {
      const fresh = drawFor(x, noise).map(epsilon => epsilon * fround(this.#churn.noise ?? 1));
      const deviation = fround(sqrt(fround(fround(churned * churned) - fround(sigma * sigma))));
      noisy = linearCombination([1, x], [deviation, fresh]);
    }
    const original = originalOf(this.#prediction, modelOutput, noisy, sigma, churned);
    const change = fround(this.sigmas[index + 1]! - churned); // σ_{i+1} − σ̂_i
    return linearCombination([1, noisy], [change, slope(noisy, original, churned)]);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return explode(original, noise, this.sigmas[index]);
  }

  /** Each step stands alone. */
  state(): SchedulerState {
    return {};
  }

  restore(): void {}

  #gamma(sigma: number): number {
    const { amount, from = 0, to = Number.POSITIVE_INFINITY } = this.#churn;
    if (sigma < fround(from) || sigma > fround(to)) return 0;
    return Math.min(amount / (this.sigmas.length - 1), Math.SQRT2 - 1);
  }
}

/** The noise levels before each step; `log_linear` has one more, to which the last step leads. */
function interpolated(config: SchedulerConfig, timesteps: ArrayLike<number>, trained: Float32Array): number[] {
  if (choiceOption(config, 'interpolation_type', ['linear', 'log_linear'], 'linear') === 'linear') {
    return interpolateSigmas(timesteps, trained);
  }
  const [first, last] = [float32Log(trained.at(-1)!), float32Log(trained[0]!)];
  return Array.from(linspace(first, last, timesteps.length + 1), log => fround(Math.exp(log)));
}
