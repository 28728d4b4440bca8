import { type Clipping, rangeOf } from './clipping.ts';
import type { SchedulerConfig } from './config.ts';
import { linearCombination } from './linear-combination.ts';
import { alphasCumprod } from './noise-schedule.ts';
import { type PredictionType, predictionType } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { interpolateSigmas, refuseChosenTimesteps, sigmaSpacing, timestepsOf, trainingSigmas } from './sigmas.ts';
import { checkStep, tensorOf } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { fractionalTimesteps } from './timestep-spacing.ts';
import { explode, initialSigma, originalOf, scaledInput, slope } from './variance-exploding.ts';

const { fround } = Math;

/**
 * Heun's method along the probability flow: a step of Euler's, then the same step again with the mean of the slopes at
 * its two ends. Two calls of the UNet for one step; the last step, to no noise, has one.
 *
 * Source: Karras et al., "Elucidating the design space of diffusion-based generative models", 2022, algorithm 1.
 * Options, defaults and rounding as diffusers' `HeunDiscreteScheduler`.
 */
export class HeunScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
  readonly begin: number;
  readonly initNoiseSigma: number;
  readonly needsNoise = false;
  readonly #prediction: PredictionType;
  readonly #clip: Clipping;
  /** What the first half of a step leaves for the second: x_i and d_i. */
  #half: { readonly x: Float32Array; readonly slope: Float32Array } | null = null;

  /**
   * @throws RangeError when there are more steps than timesteps
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps, timesteps, strength }: SchedulerOptions) {
    this.#prediction = predictionType(config);
    this.#clip = rangeOf(config, false);
    if (timesteps) refuseChosenTimesteps(config);
    const betas = { start: 0.00085, end: 0.012, more: ['exp'] } as const;
    const trained = trainingSigmas(alphasCumprod(config, betas));
    let visited: ArrayLike<number> = timesteps ? Float32Array.from(timesteps) : fractionalTimesteps(config, steps!);
    let levels = interpolateSigmas(visited, trained);
    const spacing = sigmaSpacing(config);
    if (spacing) {
      levels = spacing(levels[0]!, levels.at(-1)!, visited.length);
      visited = timestepsOf(levels, trained);
    }
    const twice = (list: readonly number[]) => list.flatMap((value, i) => (i === 0 ? [value] : [value, value]));
    this.timesteps = twice(Array.from(visited, fround));
    this.sigmas = Float32Array.from([...twice(levels), 0]);
    this.begin = firstCall(visited.length, strength, 2);
    this.initNoiseSigma = initialSigma(config, this.sigmas);
  }

  scaleModelInput(x: Float32Array, index: number): Float32Array {
    return scaledInput(x, this.sigmas[index]!);
  }

  /** Algorithm 1: lines 4 and 5 at even calls, lines 7 and 8 at odd ones. */
  step(modelOutput: Float32Array, index: number, x: Float32Array): Float32Array {
    checkStep(this.timesteps, index, modelOutput, x);
    const sigma = this.sigmas[index]!; // the noise of x
    const original = this.#clip(originalOf(this.#prediction, modelOutput, x, sigma));
    const d = slope(x, original, sigma);
    if (index % 2 === 0) {
      this.#half = { x, slope: d };
      return linearCombination([1, x], [fround(this.sigmas[index + 1]! - sigma), d]);
    }
    if (!this.#half) throw new RangeError(`step ${index} follows no first half`);
    const { x: start, slope: first } = this.#half;
    this.#half = null;
    const mean = first.map((value, i) => fround(value + d[i]!) / 2); // d'_i
    return linearCombination([1, start], [fround(sigma - this.sigmas[index - 1]!), mean]);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return explode(original, noise, this.sigmas[index]);
  }

  state(): SchedulerState {
    return this.#half ? { ...this.#half } : {};
  }

  restore(state: SchedulerState): void {
    this.#half = Object.keys(state).length ? { x: tensorOf(state, 'x'), slope: tensorOf(state, 'slope') } : null;
  }
}
