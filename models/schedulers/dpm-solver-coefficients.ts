import type { NoiseLevel } from './noise-level.ts';

const { exp, fround, sqrt } = Math;

/** In which of its forms the equation is solved: as an ODE or an SDE, for x_0 (++) or for ε. */
export type DpmAlgorithm = 'dpmsolver' | 'dpmsolver++' | 'sde-dpmsolver' | 'sde-dpmsolver++';

/** x_t = x · x_s + d0 · D0 + d1 · D1 + d2 · D2 + noise · ε: the factors of one step. */
export interface DpmCoefficients {
  readonly x: number;
  readonly d0: number;
  /** For D1, by the rule that integrates it. */
  readonly midpoint: number;
  readonly heun: number;
  readonly d2: number;
  readonly noise: number;
}

/**
 * Factors of a step from s to t with h = λ_t − λ_s, in float32.
 *
 * Source: Lu et al., "DPM-Solver", 2022, equations 3.7, B.4, B.5 (dpmsolver); Lu et al., "DPM-Solver++: fast solver for
 * guided sampling of diffusion probabilistic models", 2022, equations 9, 12, 13 (dpmsolver++) and section 5 with
 * appendix A (the SDE solvers).
 */
export function dpmCoefficients(algorithm: DpmAlgorithm, s: NoiseLevel, t: NoiseLevel, h: number): DpmCoefficients {
  switch (algorithm) {
    case 'dpmsolver++': {
      const change = fround(fround(exp(-h)) - 1); // e^{−h} − 1
      const d0 = -fround(t.alpha * change);
      return {
        x: fround(t.sigma / s.sigma),
        d0,
        midpoint: 0.5 * d0,
        heun: fround(t.alpha * fround(fround(change / h) + 1)),
        d2: -fround(t.alpha * fround(fround(fround(change + h) / fround(h * h)) - 0.5)),
        noise: 0,
      };
    }
    case 'dpmsolver': {
      const change = fround(fround(exp(h)) - 1); // e^h − 1
      const d0 = -fround(t.sigma * change);
      return {
        x: fround(t.alpha / s.alpha),
        d0,
        midpoint: 0.5 * d0,
        heun: -fround(t.sigma * fround(fround(change / h) - 1)),
        d2: -fround(t.sigma * fround(fround(fround(change - h) / fround(h * h)) - 0.5)),
        noise: 0,
      };
    }
    case 'sde-dpmsolver++': {
      const change = fround(1 - fround(exp(-2 * h))); // 1 − e^{−2h}
      const d0 = fround(t.alpha * change);
      const double = 2 * h;
      return {
        x: fround(fround(t.sigma / s.sigma) * fround(exp(-h))),
        d0,
        midpoint: 0.5 * d0,
        heun: fround(t.alpha * fround(fround(change / -double) + 1)),
        d2: fround(t.alpha * fround(fround(fround(change - double) / fround(double * double)) - 0.5)),
        noise: fround(t.sigma * fround(sqrt(change))),
      };
    }
    case 'sde-dpmsolver': {
      const change = fround(fround(exp(h)) - 1); // e^h − 1
      const half = fround(t.sigma * change);
      return {
        x: fround(t.alpha / s.alpha),
        d0: -2 * half,
        midpoint: -half,
        heun: -2 * fround(t.sigma * fround(fround(change / h) - 1)),
        d2: Number.NaN, // there is no third order
        noise: fround(t.sigma * fround(sqrt(fround(fround(exp(2 * h)) - 1)))),
      };
    }
  }
}
