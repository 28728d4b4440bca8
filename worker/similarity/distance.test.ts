import { describe, expect, it } from 'vitest';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { distance } from './distance.ts';

describe('distance', () => {
  const { numbers } = syntheticVector(1, 4_096);

  it('is 0 of a latent and itself, even one that is the same everywhere', () => {
    expect(distance(numbers, numbers)).toBe(0);
    expect(distance(new Float32Array(4).fill(3), new Float32Array(4).fill(3))).toBe(0);
  });

  it('is about √2 of two that have nothing in common', () => {
    expect(distance(numbers, syntheticVector(2, 4_096).numbers)).toBeCloseTo(Math.SQRT2, 1);
  });

  it('does not depend on the latents’ scale or on which comes first', () => {
    const near = numbers.map((x, i) => x + 0.1 * syntheticVector(2, 4_096).numbers[i]!);
    const times = (factor: number, x: Float32Array) => x.map(number => factor * number);
    expect(distance(times(5, near), times(5, numbers))).toBeCloseTo(distance(numbers, near), 6);
  });
});
