import { booleanOption, type SchedulerConfig } from './config.ts';

const { fround, log, sqrt } = Math;

/** Where on the way from noise to image a latent x_t = α_t x_0 + σ_t ε is. All float32. */
export interface NoiseLevel {
  /** α_t = √ᾱ_t */
  readonly alpha: number;
  /** σ_t = √(1 − ᾱ_t) */
  readonly sigma: number;
  /** λ_t = log(α_t / σ_t): half the logarithm of the signal-to-noise ratio. */
  readonly lambda: number;
}

/** From the noise level of a schedule's σ to the parts that x_t has. */
export type NoiseLevels = (sigma: number) => NoiseLevel;

/**
 * What a config's σ is: of a straight way between image and noise with `use_flow_sigmas`, else of x_t / α_t.
 * @throws UnsupportedError naming the option
 */
export function noiseLevels(config: SchedulerConfig): NoiseLevels {
  return booleanOption(config, 'use_flow_sigmas', false) ? flowNoiseLevel : noiseLevel;
}

/**
 * From the noise level of x_t / α_t.
 * Source: Lu et al., "DPM-Solver: a fast ODE solver for diffusion probabilistic model sampling", 2022, section 2.1.
 * @param sigma σ_t / α_t; 0 has an infinite λ
 */
function noiseLevel(sigma: number): NoiseLevel {
  const alpha = fround(1 / fround(sqrt(fround(fround(sigma * sigma) + 1))));
  const scaled = fround(sigma * alpha);
  return { alpha, sigma: scaled, lambda: lambdaOf(alpha, scaled) };
}

/** On a straight way, x_t = (1 − σ) x_0 + σ ε. Source: Lipman et al., "Flow matching for generative modeling", 2023. */
function flowNoiseLevel(sigma: number): NoiseLevel {
  const alpha = fround(1 - sigma);
  return { alpha, sigma, lambda: lambdaOf(alpha, sigma) };
}

function lambdaOf(alpha: number, sigma: number): number {
  return fround(fround(log(alpha)) - fround(log(sigma)));
}
