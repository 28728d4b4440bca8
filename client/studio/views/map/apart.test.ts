import { expect, it } from 'vitest';
import { apart } from './apart.ts';

const overlap = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) =>
  Math.min(10 - Math.abs(a - c), 10 - Math.abs(b - d));

it('moves what overlaps apart, and not out of the picture', () => {
  const places = Array.from({ length: 30 }, (_, i): [number, number] => [(i * 7) % 40, (i * 3) % 20]);
  const moved = apart(places, 10, 100);
  for (const [i, a] of moved.entries()) {
    for (const b of moved.slice(0, i)) expect(overlap(a, b)).toBeLessThan(1);
    for (const at of a) {
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(90);
    }
  }
});

it('leaves alone what does not', () => {
  expect(
    apart(
      [
        [0, 0],
        [50, 50],
      ],
      10,
      100,
    ),
  ).toEqual([
    [0, 0],
    [50, 50],
  ]);
});
