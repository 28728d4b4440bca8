import { describe, expect, it } from 'vitest';
import { meanSquaredError, psnrOf } from './image-error.ts';

const picture = (value: number, width = 2, height = 2) => {
  return { data: new Uint8Array(width * height * 3).fill(value), width, height };
};

describe('the error of a picture', () => {
  it('is the mean of squared differences', () => {
    expect(meanSquaredError(picture(10), picture(13))).toBe(9);
    const one = picture(0);
    one.data[4] = 255;
    expect(meanSquaredError(picture(0), one)).toBe(255 ** 2 / 12);
  });

  it('is no number for pictures of different sizes', () => {
    expect(() => meanSquaredError(picture(0, 2, 3), picture(0, 3, 2))).toThrow('2×3 and 3×2');
  });

  it('is told in decibels', () => {
    expect(psnrOf(255 ** 2)).toBe(0);
    expect(psnrOf(1)).toBeCloseTo(48.13, 2);
    expect(psnrOf(0)).toBe(100);
  });
});
