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

/**
 * From the noise level of x_t / α_t.
 * Source: Lu et al., "DPM-Solver: a fast ODE solver for diffusion probabilistic model sampling", 2022, section 2.1.
 * @param sigma σ_t / α_t; 0 has an infinite λ
 */
export function noiseLevel(sigma: number): NoiseLevel {
  const alpha = fround(1 / fround(sqrt(fround(fround(sigma * sigma) + 1))));
  const scaled = fround(sigma * alpha);
  return { alpha, sigma: scaled, lambda: fround(fround(log(alpha)) - fround(log(scaled))) };
}
