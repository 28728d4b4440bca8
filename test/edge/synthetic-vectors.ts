/** Vectors that are the same in every process. */

/** 32 bits at a time (xorshift, Marsaglia 2003). */
function randomBits(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** How vectors lie: in all directions, or a few close together around each of many centres. */
export type Lying = 'anywhere' | 'in clusters';

/** @returns the vector with this number: its numbers, and an id that looks like a digest */
export function syntheticVector(
  index: number,
  dimensions: number,
  lying: Lying = 'anywhere',
): { readonly id: string; readonly numbers: Float32Array } {
  const numbers = new Float32Array(dimensions);
  addGaussian(numbers, randomBits(index), 1);
  if (lying === 'in clusters') {
    for (let i = 0; i < dimensions; i++) numbers[i]! *= 0.3;
    addGaussian(numbers, randomBits(-(index % 1_000) - 2), 1);
  }
  const bits = randomBits(index + 2 ** 30);
  const id = Array.from({ length: 8 }, () => bits().toString(16).padStart(8, '0')).join('');
  return { id, numbers };
}

/** Sums of four uniform draws: nearly Gaussian, and without functions in which engines may differ. */
function addGaussian(numbers: Float32Array, bits: () => number, deviation: number): void {
  for (let i = 0; i < numbers.length; i++) {
    let sum = 0;
    for (let k = 0; k < 4; k++) sum += bits() / 2 ** 32 - 0.5;
    numbers[i]! += sum * Math.sqrt(3) * deviation;
  }
}
