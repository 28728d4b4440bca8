const { fround } = Math;

type Term = readonly [factor: number, array: Float32Array];

/**
 * Σ cᵢ aᵢ, added from the left in float32, as PyTorch evaluates `c0 * a0 + c1 * a1 + …`.
 * @param terms a factor and an array each; all arrays of one size, unchanged
 */
export function linearCombination(...terms: readonly Term[]): Float32Array {
  const [[firstFactor, first], ...rest] = terms as readonly [Term, ...Term[]];
  const sum = first.map(value => fround(firstFactor) * value);
  for (const [c, array] of rest) {
    const factor = fround(c);
    for (let i = 0; i < sum.length; i++) sum[i]! += fround(factor * array[i]!);
  }
  return sum;
}
