import { expect, test } from 'vitest';
import { Posterior } from './posterior.ts';

test('mean and deviation are halves of the moments, item by item', () => {
  const moments = { data: Float32Array.of(1, 2, 0, 2 * Math.log(3), 5, 6, -100, 100), dims: [2, 4, 1, 1] };
  const { mean, std } = new Posterior(moments);
  expect(mean).toEqual({ data: Float32Array.of(1, 2, 5, 6), dims: [2, 2, 1, 1] });
  expect(std.data[0]).toBe(1);
  expect(std.data[1]).toBeCloseTo(3, 6);
  // Clamped to -30 and 20 before the exponential.
  expect(std.data[2]).toBeCloseTo(Math.exp(-15), 12);
  expect(std.data[3]! / Math.exp(10)).toBeCloseTo(1, 6);
});

test('a sample is the mean and so many deviations', () => {
  const posterior = new Posterior({ data: Float32Array.of(1, 0), dims: [1, 2, 1, 1] });
  const noise = { data: Float32Array.of(-2, 3), dims: [2, 1, 1, 1] };
  expect(posterior.sample(noise)).toEqual({ data: Float32Array.of(-1, 4), dims: [2, 1, 1, 1] });
  expect(() => posterior.sample({ data: new Float32Array(3), dims: [1, 1, 1, 3] })).toThrow(RangeError);
});
