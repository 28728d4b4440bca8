import { expect, it } from 'vitest';
import { incompleteBeta, inverseIncompleteBeta } from './incomplete-beta.ts';

const points = [1e-9, 0.001, 0.1, 0.25, 0.5, 0.7, 0.9, 0.99];

it.each([
  ['x for (1, 1)', 1, 1, (x: number) => x],
  ['x² for (2, 1)', 2, 1, (x: number) => x ** 2],
  ['1 − (1 − x)⁵ for (1, 5)', 1, 5, (x: number) => -Math.expm1(5 * Math.log1p(-x))],
  ['the arcsine distribution for (½, ½)', 0.5, 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  ['3x² − 2x³ for (2, 2)', 2, 2, (x: number) => x ** 2 * (3 - 2 * x)],
])('is %s', (_, a, b, expected) => {
  for (const x of points) expect(incompleteBeta(x, a, b) / expected(x)).toBeCloseTo(1, 12);
  expect([incompleteBeta(0, a, b), incompleteBeta(1, a, b)]).toEqual([0, 1]);
});

it.each([
  [0.6, 0.6],
  [0.5, 3],
  [4, 0.8],
])('comes back from its inverse for (%f, %f)', (a, b) => {
  for (const p of points) expect(incompleteBeta(inverseIncompleteBeta(p, a, b), a, b)).toBeCloseTo(p, 11);
  expect([inverseIncompleteBeta(0, a, b), inverseIncompleteBeta(1, a, b)]).toEqual([0, 1]);
});

it('has the symmetry I_x(a, b) = 1 − I_{1−x}(b, a)', () => {
  for (const x of points) expect(incompleteBeta(x, 0.6, 2) + incompleteBeta(1 - x, 2, 0.6)).toBeCloseTo(1, 12);
});
