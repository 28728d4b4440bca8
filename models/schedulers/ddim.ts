import { ParameterError } from '../parameter-error.ts';
import type { SchedulerConfig } from './config.ts';
import { DiscreteModel } from './discrete-model.ts';
import { finalAlphaCumprod, rescaledAlphasCumprod } from './noise-schedule.ts';
import { noiseBetween } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, drawFor, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { spacedTimesteps, strideOf } from './timestep-spacing.ts';

const { fround, sqrt } = Math;

/**
 * Denoising diffusion implicit models: deterministic with η = 0, DDPM's ancestral sampling with η = 1.
 *
 * Source: Song et al., "Denoising diffusion implicit models", 2021; ᾱ here is the paper's α. Options, defaults and
 * rounding (float32 after every operation) as diffusers' `DDIMScheduler`.
 */
export class DdimScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise: boolean;
  readonly #model: DiscreteModel;
  /** ᾱ after the last step, where there is no earlier timestep. */
  readonly #finalAlphaCumprod: number;
  /** Training timesteps between two steps. */
  readonly #stride: number;
  readonly #eta: number;
  readonly #useClippedModelOutput: boolean;

  /**
   * @throws RangeError when there are more steps than timesteps, or η is not in `[0, 1]`
   * @throws UnsupportedError naming the option
   */
  constructor(
    config: SchedulerConfig,
    { steps = 0, strength, eta = 0, images = 1, useClippedModelOutput = false }: SchedulerOptions,
  ) {
    if (!(eta >= 0 && eta <= 1)) throw new ParameterError(`eta is ${eta}, expected a number from 0 to 1`);
    this.timesteps = spacedTimesteps(config, steps);
    this.begin = firstCall(steps, strength);
    this.needsNoise = eta > 0;
    const alphasCumprod = rescaledAlphasCumprod(config);
    this.#model = new DiscreteModel(config, alphasCumprod, images, true);
    this.#finalAlphaCumprod = finalAlphaCumprod(config, alphasCumprod, true);
    this.#stride = strideOf(config, steps);
    this.#eta = fround(eta);
    this.#useClippedModelOutput = useClippedModelOutput;
  }

  /** DDIM shows the UNet the latent as it is. */
  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  /** Equations 12 and 16. */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    const t = checkStep(this.timesteps, index, modelOutput, x);
    const read = this.#model.read(modelOutput, x, t);
    const { original, cumprod, rootAlpha, rootBeta } = read; // predicted x_0, ᾱ_t, √ᾱ_t, √(1 − ᾱ_t)
    const epsilon = this.#useClippedModelOutput ? noiseBetween(x, original, rootAlpha, rootBeta) : read.epsilon; // ε_θ(x_t)
    const alphaPrevious = this.#model.cumprod(t - this.#stride) ?? this.#finalAlphaCumprod; // ᾱ_{t−1}

    const sigma = this.#sigma(cumprod, alphaPrevious); // σ_t(η)
    const rootAlphaPrevious = fround(sqrt(alphaPrevious)); // √ᾱ_{t−1}
    const direction = fround(sqrt(fround(fround(1 - alphaPrevious) - fround(sigma * sigma)))); // √(1 − ᾱ_{t−1} − σ_t²)
    const previous = original.map((x0, i) => fround(rootAlphaPrevious * x0) + fround(direction * epsilon[i]!));
    if (!this.needsNoise) return previous;

    const drawn = drawFor(x, noise); // ε_t
    return previous.map((mean, i) => mean + fround(sigma * drawn[i]!));
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return this.#model.addNoise(original, noise, timestepAt(this.timesteps, index));
  }

  /** Each step stands alone. */
  state(): SchedulerState {
    return {};
  }

  restore(): void {}

  /** σ_t(η) = η √((1 − ᾱ_{t−1}) / (1 − ᾱ_t)) √(1 − ᾱ_t / ᾱ_{t−1}). */
  #sigma(alpha: number, alphaPrevious: number): number {
    const betaRatio = fround(fround(1 - alphaPrevious) / fround(1 - alpha));
    const variance = fround(betaRatio * fround(1 - fround(alpha / alphaPrevious)));
    return fround(this.#eta * fround(sqrt(variance)));
  }
}
