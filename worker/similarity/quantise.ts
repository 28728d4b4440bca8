import { norm } from './cosine.ts';

/** What quantising took from a vector, in units of the vector's norm. */
export interface Quantised {
  /** What a code of 1 stands for; above zero, exact in float32. */
  readonly scale: number;
  /** At least `‖u − scale × codes‖₂`, u the vector at norm 1; exact in float32. */
  readonly error: number;
}

/** Rounds a float32 up at least as far as to the next one. */
const UP = 1 + 2 ** -22;

/**
 * Uniform symmetric quantisation: codes of a vector brought to norm 1, with the greatest of its numbers at the end of the
 * codes' range, and how far off they are. The vector is not all zeros.
 *
 * @param codes filled; as long as the vector. Int8 has codes from -127 to 127, Int16 from -32,767 to 32,767
 */
export function quantise(vector: Float32Array, codes: Int8Array | Int16Array): Quantised {
  const length = norm(vector);
  let greatest = 0;
  for (let i = 0; i < vector.length; i++) greatest = Math.max(greatest, Math.abs(vector[i]!));
  const most = codes.BYTES_PER_ELEMENT === 1 ? 127 : 32_767;
  const scale = Math.fround(greatest / length / most);
  let squares = 0;
  for (let i = 0; i < vector.length; i++) {
    const u = vector[i]! / length;
    const code = Math.round(u / scale);
    codes[i] = code;
    squares += (u - scale * code) ** 2;
  }
  return { scale, error: Math.fround(Math.sqrt(squares) * UP) };
}

/** More than the rounding of sums of doubles over `MOST_DIMENSIONS` numbers comes to, in the interval and in the cosine. */
const ROUNDING = 1e-9;

/**
 * How far a cosine may be from `row.scale × query.scale × (row codes · query codes)`.
 *
 * With u = s q + e and v = t p + f, the vectors at norm 1, their codes and what these leave, ‖e‖ ≤ ε and ‖f‖ ≤ φ:
 *
 *     u·v − s t (q·p) = s q·f + e·v,   |s q·f| ≤ ‖u − e‖ ‖f‖ ≤ (1 + ε) φ,   |e·v| ≤ ‖e‖ ‖v‖ ≤ ε      (Cauchy–Schwarz)
 */
export function radius(row: number, query: number): number {
  return row + (1 + row) * query + ROUNDING;
}
