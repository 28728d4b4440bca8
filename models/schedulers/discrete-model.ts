import { type Clipping, clippingOf } from './clipping.ts';
import type { SchedulerConfig } from './config.ts';
import { diffuse } from './noise-schedule.ts';
import { type Prediction, type PredictionType, predictionType, readPrediction } from './prediction.ts';

const { fround, sqrt } = Math;

/** What the model says of a latent at one of the training's own timesteps. */
export interface DiscretePrediction extends Prediction {
  /** ᾱ_t */
  readonly cumprod: number;
  /** √ᾱ_t */
  readonly rootAlpha: number;
  /** √(1 − ᾱ_t) */
  readonly rootBeta: number;
}

/** A model read as it was trained, x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε at whole timesteps t: what DDPM, DDIM and LCM share. */
export class DiscreteModel {
  readonly #alphasCumprod: Float32Array;
  readonly #prediction: PredictionType;
  readonly #clip: Clipping;

  /**
   * @param alphasCumprod ᾱ, `[num_train_timesteps]`
   * @param images how many images a latent holds
   * @param clippedByDefault the class's default of `clip_sample`
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, alphasCumprod: Float32Array, images: number, clippedByDefault: boolean) {
    this.#alphasCumprod = alphasCumprod;
    this.#prediction = predictionType(config);
    this.#clip = clippingOf(config, images, clippedByDefault);
  }

  /** ᾱ_t; undefined where the training has no such timestep: before the first. */
  cumprod(t: number): number | undefined {
    return this.#alphasCumprod[t];
  }

  /** x_0, kept in range as the config says, and ε, as it is. @param t one of the training's timesteps */
  read(modelOutput: Float32Array, x: Float32Array, t: number): DiscretePrediction {
    const cumprod = this.#alphasCumprod[t]!;
    const rootAlpha = fround(sqrt(cumprod));
    const rootBeta = fround(sqrt(fround(1 - cumprod)));
    const { original, epsilon } = readPrediction(this.#prediction, modelOutput, x, rootAlpha, rootBeta);
    return { original: this.#clip(original), epsilon, cumprod, rootAlpha, rootBeta };
  }

  /** x_t of an image. @param t one of the training's timesteps */
  addNoise(original: Float32Array, noise: Float32Array, t: number): Float32Array {
    return diffuse(original, noise, this.#alphasCumprod[t]!);
  }
}
