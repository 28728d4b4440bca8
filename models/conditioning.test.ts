import { expect, test } from 'vitest';
import { sizeConditioning } from './conditioning.ts';

const sizes = { originalSize: [7, 8], cropTopLeft: [1, 2], negativeOriginalSize: [3, 4] } as const;
const negative = (...more: [object?, boolean?]) =>
  Array.from(sizeConditioning([5, 6], { ...sizes, ...more[0] }, more[1]).negative.data);

test('from noise, the negative prompt has sizes of its own only where both are given', () => {
  expect(negative()).toEqual([7, 8, 1, 2, 5, 6]);
  expect(negative({ negativeTargetSize: [9, 10] })).toEqual([3, 4, 0, 0, 9, 10]);
});

test('from a picture, it has each that is given, and the prompt’s crop', () => {
  expect(negative({}, true)).toEqual([3, 4, 1, 2, 5, 6]);
  const all = { negativeTargetSize: [9, 10], negativeCropTopLeft: [11, 12] };
  expect(negative(all, true)).toEqual([3, 4, 1, 2, 9, 10]);
});
