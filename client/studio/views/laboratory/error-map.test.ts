import { expect, it } from 'vitest';
import { errorMap } from './error-map.ts';

const pixels = (...data: number[]) => ({ data: Uint8Array.from(data), width: data.length / 3, height: 1 });

it('is black where nothing differs, white from the gain on, and brighter the more it does', () => {
  const original = pixels(10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30);
  const other = pixels(10, 20, 30, 10, 26, 30, 10, 20, 50, 110, 20, 30);
  const { data } = errorMap(original, other, 4);
  const brightness = [0, 1, 2, 3].map(i => data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!);
  expect(brightness[0]).toBe(0);
  expect(brightness[3]).toBe(765);
  expect(brightness).toEqual(brightness.toSorted((a, b) => a - b));
  expect(new Set(brightness).size).toBe(4);
});

it('refuses pictures of different sizes', () => {
  expect(() => errorMap(pixels(1, 2, 3), pixels(1, 2, 3, 4, 5, 6), 1)).toThrow(RangeError);
});
