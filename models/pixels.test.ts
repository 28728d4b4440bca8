import { expect, test } from 'vitest';
import { fromPixels, toPixels } from './pixels.ts';

test('pixels are clamped, rounded half to even, and have their channels last', () => {
  // 2 (n + 0.5) / 255 - 1 lies on the border between the bytes n and n + 1.
  const border = (n: number) => Math.fround((2 * (n + 0.5)) / 255 - 1);
  const image = { data: Float32Array.of(-5, 5, 0, -1, 1, border(30)), dims: [1, 3, 1, 2] };
  const { data, dims } = toPixels(image);
  expect(dims).toEqual([1, 1, 2, 3]);
  // 0 is 127.5, which is as near to 128.
  expect([...data.slice(0, 5)]).toEqual([0, 128, 255, 255, 0]);
  expect([30, 31]).toContain(data[5]);
});

test('every byte comes back from what the encoder is given', () => {
  const data = Uint8Array.from({ length: 2 * 2 * 32 * 3 }, (_, i) => i % 256);
  const pixels = { data, dims: [2, 2, 32, 3] };
  expect(fromPixels(pixels).dims).toEqual([2, 3, 2, 32]);
  expect(toPixels(fromPixels(pixels))).toEqual(pixels);
});
