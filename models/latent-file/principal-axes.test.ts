import { expect, it } from 'vitest';
import { principalAxes } from './principal-axes.ts';
import { noiseLatent, uniform } from './test-latents.ts';

it('finds the axis along which channels vary together, and one along which they do not', () => {
  const next = uniform(1);
  const plane = 500;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const [much, little] = [4 * next(), 0.1 * next()];
    data.set([much * 0.6], i);
    data.set([much * 0.8 + 7], plane + i);
    data.set([little], 2 * plane + i);
  }
  const [first, second, third] = principalAxes(data, 3) as [Float64Array, Float64Array, Float64Array];
  expect(Math.abs(first[0]! * 0.6 + first[1]! * 0.8)).toBeCloseTo(1, 6);
  expect(Math.abs(second[2]!)).toBeCloseTo(1, 4);
  expect(Math.abs(third[0]! * 0.8 - third[1]! * 0.6)).toBeCloseTo(1, 4);
});

it('leaves nothing in common between axes, the most varied first', () => {
  const { data } = noiseLatent(2, [12, 5, 5]);
  const along = principalAxes(data, 12).map(axis => {
    const values = Array.from({ length: 25 }, (_, i) =>
      axis.reduce((sum, part, c) => sum + part * data[c * 25 + i]!, 0),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / 25;
    return values.map(value => value - mean);
  });
  const together = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / 25;
  const variances = along.map(values => together(values, values));
  expect(variances).toEqual(variances.toSorted((a, b) => b - a));
  for (const [i, a] of along.entries()) {
    for (const b of along.slice(0, i)) expect(Math.abs(together(a, b))).toBeLessThan(1e-6 * variances[0]!);
  }
});

it('finds axes where nothing varies', () => {
  const axes = principalAxes(new Float32Array(12).fill(3), 3);
  expect(axes.map(axis => [...axis])).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
});
