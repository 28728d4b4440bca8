import { expect, it } from 'vitest';
import { placesOf } from './places.ts';

const vector = (...values: number[]) => Float32Array.from(values);

it('puts what is alike together, and leaves everything on the map', () => {
  const near = [vector(1, 0, 0), vector(0.9, 0.1, 0), vector(1, 0.1, 0.1)];
  const far = [vector(-1, 0, 0), vector(-0.9, 0.1, 0), vector(-1, 0.1, 0.1)];
  const places = placesOf([...near, ...far], 0.05);
  const centre = (some: typeof places) => some.reduce((sum, { left }) => sum + left / some.length, 0);
  expect(Math.abs(centre(places.slice(0, 3)) - centre(places.slice(3)))).toBeGreaterThan(0.5);
  for (const { left, top } of places) {
    for (const at of [left, top]) {
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(0.95);
    }
  }
});

it('moves pictures apart that would lie on each other', () => {
  const places = placesOf(
    Array.from({ length: 9 }, () => vector(1, 2)),
    0.1,
  );
  const corners = new Set(places.map(({ left, top }) => `${left.toFixed(2)} ${top.toFixed(2)}`));
  expect(corners.size).toBe(9);
});

it('has nothing to say of nothing, and puts one in the middle', () => {
  expect(placesOf([], 0.1)).toEqual([]);
  expect(placesOf([vector(3, 4)], 0.1)).toEqual([{ left: 0.45, top: 0.45 }]);
});
