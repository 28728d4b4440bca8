import { expect, it } from 'vitest';
import { areaUnderCurve } from './area-under-curve.ts';

it.each([
  [[3, 4], [1, 2], 1],
  [[1, 2], [3, 4], 0],
  [[2, 2], [2, 2, 2], 0.5],
  [[1, 3], [2, 3], 0.375],
])('of %j over %j is %d', (positives, negatives, area) => {
  expect(areaUnderCurve(positives, negatives)).toBe(area);
});
