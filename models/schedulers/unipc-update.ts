import { linearCombination } from './linear-combination.ts';
import { solveLinear } from './linear-system.ts';
import type { NoiseLevel } from './noise-level.ts';

const { expm1, fround } = Math;

export interface UniPcVariant {
  /** B(h): h itself, or e^h − 1. */
  readonly b: 'bh1' | 'bh2';
  /** Whether the integrated function is x_θ or ε_θ. */
  readonly predictsOriginal: boolean;
}

interface UniPcStep {
  /** x̃_{t_{i−1}}: where the step begins. */
  readonly x: Float32Array;
  /** What the model said there and before, the latest first. */
  readonly outputs: readonly Float32Array[];
  /** The noise levels of those. */
  readonly levels: readonly NoiseLevel[];
  /** t_i: where it ends. */
  readonly target: NoiseLevel;
  /** What the model says there: given, the step is the corrector's; null, the predictor's. */
  readonly arrived: Float32Array | null;
}

/** One step of UniP or UniC, of an order up to the number of outputs. Algorithms 5 and 6, or for ε 7 and 8. */
export function uniPcUpdate(
  { b, predictsOriginal }: UniPcVariant,
  order: number,
  { x, outputs, levels, target, arrived }: UniPcStep,
): Float32Array {
  const [m0, ...earlier] = outputs as [Float32Array, ...Float32Array[]];
  const [start, ...before] = levels as [NoiseLevel, ...NoiseLevel[]];
  const h = fround(target.lambda - start.lambda); // h_i
  const signed = predictsOriginal ? -h : h;
  const phi = fround(expm1(signed)); // h φ_1(h)
  const bh = b === 'bh1' ? signed : phi; // B(h)

  const ratios: number[] = []; // r_m
  const terms: [number, Float32Array][] = []; // ρ_m D_m / r_m, the factors to come
  for (let m = 0; m < order - 1; m++) {
    const r = fround(fround(before[m]!.lambda - start.lambda) / h);
    ratios.push(r);
    terms.push([0, earlier[m]!.map((value, i) => fround(value - m0[i]!) / r)]);
  }
  if (arrived) {
    ratios.push(1);
    terms.push([0, arrived.map((value, i) => value - m0[i]!)]);
  }
  for (const [m, weight] of weights(ratios, signed, phi, bh).entries()) terms[m]![0] = weight;

  const [end, scale] = predictsOriginal
    ? [target.alpha, fround(target.sigma / start.sigma)]
    : [target.sigma, fround(target.alpha / start.alpha)];
  const linear = linearCombination([scale, x], [-fround(end * phi), m0]);
  return terms.length ? linearCombination([1, linear], [-fround(end * bh), linearCombination(...terms)]) : linear;
}

/**
 * ρ: makes the step exact for polynomials. Equation 9, R_p(h) ρ = φ_p(h) / B(h); for a single term any ρ near its limit
 * will do, and the paper takes 1/2 (theorem 3.1).
 */
function weights(ratios: readonly number[], h: number, hPhi: number, bh: number): readonly number[] {
  if (ratios.length === 0) return [];
  if (ratios.length === 1) return [0.5];
  let phi = fround(fround(hPhi / h) - 1); // h φ_{m+1}(h), without the factorial
  let factorial = 1;
  const matrix: number[][] = [];
  const right: number[] = [];
  for (let power = 0; power < ratios.length; power++) {
    matrix.push(ratios.map(r => fround(r ** power)));
    right.push(fround(fround(phi * factorial) / bh));
    factorial *= power + 2;
    phi = fround(fround(phi / h) - fround(1 / factorial));
  }
  return solveLinear(matrix, right);
}
