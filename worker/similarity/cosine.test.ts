import { describe, expect, it } from 'vitest';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { cosine } from './cosine.ts';

describe('cosine', () => {
  it.each([
    [[1, 0], [1, 1], Math.SQRT1_2],
    [[3, 4], [-6, -8], -1],
    [[1, 2, 3], [-2, 1, 0], 0],
  ])('of %j and %j', (x, y, expected) => {
    expect(cosine(Float32Array.from(x), Float32Array.from(y))).toBeCloseTo(expected, 15);
  });

  it('is 1 to the bit of a vector with itself, and the same to the bit either way round', () => {
    for (let i = 0; i < 200; i++) {
      const [x, y] = [syntheticVector(i, 1 + i).numbers, syntheticVector(i + 1_000, 1 + i).numbers];
      expect(cosine(x, x)).toBe(1);
      expect(cosine(x, y)).toBe(cosine(y, x));
    }
  });

  it.each([3e38, 1e-45])('of numbers as large or small as %d', size => {
    expect(cosine(Float32Array.of(size, size), Float32Array.of(size, 0))).toBeCloseTo(Math.SQRT1_2, 7);
  });
});
