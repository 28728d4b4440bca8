/** Shares of a vector below this one are rounding. */
const NOTHING = 1e-6;

/**
 * What a linear classifier can see of its examples. Its weights, where L2 holds them, are a sum of the examples: what of a
 * row is at right angles to all of them changes no score. So a hundred examples of 49,152 numbers may be brought to a
 * hundred numbers each, and nothing is lost but time.
 */
export class Span {
  /** Of length 1 and at right angles to each other. */
  readonly #basis: Float64Array[] = [];

  /** By Gram and Schmidt's process, each row twice because of rounding. */
  constructor(rows: readonly Float32Array[]) {
    for (const row of rows) {
      const rest = Float64Array.from(row);
      const before = length(rest);
      for (let time = 0; time < 2; time++) {
        for (const axis of this.#basis) {
          const share = dot(axis, rest);
          for (let i = 0; i < rest.length; i++) rest[i]! -= share * axis[i]!;
        }
      }
      const after = length(rest);
      if (after > NOTHING * before) this.#basis.push(rest.map(x => x / after));
    }
  }

  /** Of a row as long as the examples: as many numbers as directions are among them. */
  coordinates(row: Float32Array): Float64Array {
    return Float64Array.from(this.#basis, axis => dot(axis, row));
  }
}

function dot(a: Float64Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function length(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}
