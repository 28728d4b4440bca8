import { expect, it } from 'vitest';
import { principalComponents } from './principal-components.ts';

it('finds along which directions rows differ most', () => {
  // Deviations 5 along (3, 4, 0) / 5, 2 along (−4, 3, 0) / 5, none along the third; far from 0.
  const rows = [
    [5, 2],
    [5, -2],
    [-5, 2],
    [-5, -2],
  ].map(([a, b]) => Float32Array.of(100 + (3 * a! - 4 * b!) / 5, (4 * a! + 3 * b!) / 5, 7));
  const places = principalComponents(rows);
  for (const [i, [x, y]] of places.entries()) {
    expect(Math.abs(x)).toBeCloseTo(5, 4);
    expect(Math.abs(y)).toBeCloseTo(2, 4);
    // The sign of a component is nobody's: only that all have the same matters.
    expect(x * places[0]![0]).toBeCloseTo(i < 2 ? 25 : -25, 3);
    expect(y * places[0]![1]).toBeCloseTo(i % 2 === 0 ? 4 : -4, 3);
  }
});

it('leaves rows that are all alike in one place', () => {
  const row = Float32Array.of(1, 2, 3);
  expect(principalComponents([row, row]).flat()).toEqual([0, 0, 0, 0]);
});
