import { choiceOption, type SchedulerConfig } from './config.ts';

const { fround } = Math;

/** What the UNet was trained to predict. */
export type PredictionType = (typeof predictionTypes)[number];

const predictionTypes = ['epsilon', 'sample', 'v_prediction'] as const;

/** @throws UnsupportedError naming the option */
export function predictionType(config: SchedulerConfig): PredictionType {
  return choiceOption(config, 'prediction_type', predictionTypes, 'epsilon');
}

/** The same for classes that cannot read an image itself. @throws UnsupportedError naming the option */
export function noisePredictionType(config: SchedulerConfig): 'epsilon' | 'v_prediction' {
  return choiceOption(config, 'prediction_type', ['epsilon', 'v_prediction'], 'epsilon');
}

/** The same for classes that know flow matching as well. @throws UnsupportedError naming the option */
export function solverPredictionType(config: SchedulerConfig): PredictionType | 'flow_prediction' {
  return choiceOption(config, 'prediction_type', [...predictionTypes, 'flow_prediction'], 'epsilon');
}

/** The two parts of a noisy latent: x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε. */
export interface Prediction {
  /** x_0: the image, as far as it can be told. */
  readonly original: Float32Array;
  /** ε: the noise. */
  readonly epsilon: Float32Array;
}

/**
 * Reads the UNet's output as image and noise.
 *
 * Source: for ε, Song et al., "Denoising diffusion implicit models", 2021, equation 9; for v = √ᾱ ε − √(1 − ᾱ) x_0,
 * Salimans and Ho, "Progressive distillation for fast sampling of diffusion models", 2022, appendix D.
 * @param rootAlpha √ᾱ_t
 * @param rootBeta √(1 − ᾱ_t)
 */
export function readPrediction(
  type: PredictionType,
  output: Float32Array,
  x: Float32Array,
  rootAlpha: number,
  rootBeta: number,
): Prediction {
  switch (type) {
    case 'epsilon':
      return { original: x.map((xt, i) => fround(xt - fround(rootBeta * output[i]!)) / rootAlpha), epsilon: output };
    case 'sample':
      return { original: output, epsilon: noiseBetween(x, output, rootAlpha, rootBeta) };
    case 'v_prediction':
      return {
        original: x.map((xt, i) => fround(rootAlpha * xt) - fround(rootBeta * output[i]!)),
        epsilon: x.map((xt, i) => fround(rootAlpha * output[i]!) + fround(rootBeta * xt)),
      };
  }
}

/** ε such that x_t is `original` with that noise. */
export function noiseBetween(
  x: Float32Array,
  original: Float32Array,
  rootAlpha: number,
  rootBeta: number,
): Float32Array {
  return x.map((xt, i) => fround(xt - fround(rootAlpha * original[i]!)) / rootBeta);
}
