import sharp from 'sharp';
import { expect, it } from 'vitest';
import { arranged, arrangements } from './handwriting.ts';

/** A bar in the middle. */
const digit = Float32Array.from({ length: 784 }, (_, i) => (i % 28 >= 12 && i % 28 < 16 ? 1 : 0));

it.each(arrangements)('a digit lies in the middle of its picture: %o', async ({ ink, side }) => {
  const file = await arranged(digit, { ink, side });
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([128, 128]);
  const [written, ground] = ink === 'white' ? [255, 0] : [0, 255];
  const at = (x: number, y: number) => data[y * 128 + x];
  expect(at(64, 64)).toBe(written);
  expect(at(64, (128 - side) / 2 - 1)).toBe(ground);
  expect(at(64, (128 - side) / 2)).toBe(written);
  expect(at(20, 64)).toBe(ground);
});
