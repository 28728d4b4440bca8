import type { SchedulerConfig } from './config.ts';
import { linearCombination } from './linear-combination.ts';
import { positiveAlphasCumprod } from './noise-schedule.ts';
import { noisePredictionType } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { interpolateSigmas, trainingSigmas } from './sigmas.ts';
import { checkStep, drawFor } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { fractionalTimesteps } from './timestep-spacing.ts';
import { explode, initialSigma, originalOf, scaledInput, slope } from './variance-exploding.ts';

const { fround, sqrt } = Math;

/**
 * Ancestral sampling in the noise level σ: each step goes down Euler's way to less noise than it should have, and makes
 * up for it with fresh noise.
 *
 * Source: Song et al., "Score-based generative modeling through stochastic differential equations", 2021, appendix F
 * (σ_up and σ_down); the step of Karras et al., 2022, algorithm 2. Options, defaults and rounding as diffusers'
 * `EulerAncestralDiscreteScheduler`.
 */
export class EulerAncestralScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
  readonly begin: number;
  readonly initNoiseSigma: number;
  readonly needsNoise = true;
  readonly #prediction: 'epsilon' | 'v_prediction';

  /**
   * @throws RangeError when there are more steps than timesteps
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps, strength }: SchedulerOptions) {
    this.#prediction = noisePredictionType(config);
    const timesteps = fractionalTimesteps(config, steps!);
    const trained = trainingSigmas(positiveAlphasCumprod(config));
    this.timesteps = [...timesteps];
    this.sigmas = Float32Array.from([...interpolateSigmas(timesteps, trained), 0]);
    this.begin = firstCall(timesteps.length, strength);
    this.initNoiseSigma = initialSigma(config, this.sigmas);
  }

  scaleModelInput(x: Float32Array, index: number): Float32Array {
    return scaledInput(x, this.sigmas[index]!);
  }

  /** Appendix F: σ_up² = σ_to² (σ_from² − σ_to²) / σ_from², σ_down² = σ_to² − σ_up². */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    checkStep(this.timesteps, index, modelOutput, x);
    const from = this.sigmas[index]!;
    const to = this.sigmas[index + 1]!;
    const [fromSquare, toSquare] = [fround(from * from), fround(to * to)];
    const up = fround(sqrt(fround(fround(toSquare * fround(fromSquare - toSquare)) / fromSquare)));
    const down = fround(sqrt(fround(toSquare - fround(up * up))));

    const original = originalOf(this.#prediction, modelOutput, x, from);
    const derivative = slope(x, original, from);
    return linearCombination([1, x], [fround(down - from), derivative], [up, drawFor(x, noise)]);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return explode(original, noise, this.sigmas[index]);
  }

  /** Each step stands alone. */
  state(): SchedulerState {
    return {};
  }

  restore(): void {}
}
