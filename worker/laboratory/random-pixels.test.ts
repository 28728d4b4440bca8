import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { randomPixels, randomPixelsImage, readRandomPixelsId } from './random-pixels.ts';

const size = { width: 128, height: 128 };
const { data } = randomPixels(7, size);

/** Pearson's correlation of every value with the one that lies so many further. */
function correlation(lag: number): number {
  const n = data.length - lag;
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < n; i++) covariance += (data[i]! - mean) * (data[i + lag]! - mean);
  for (const value of data) variance += (value - mean) ** 2;
  return covariance / n / (variance / data.length);
}

/** Σ (observed − expected)² / expected over equally likely classes. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('random pixels', () => {
  it('have every value equally often', () => {
    const counts = new Array<number>(256).fill(0);
    for (const value of data) counts[value]!++;
    // 255 degrees of freedom: 99.9 % of such samples lie below 330.5, and 99.9 % above 190.
    expect(chiSquared(counts)).toBeLessThan(330.5);
    expect(chiSquared(counts)).toBeGreaterThan(190);
  });

  it('have every pair of neighbours equally often', () => {
    const counts = new Array<number>(256).fill(0);
    // Their higher four bits: pairs that share no value.
    for (let i = 0; i + 1 < data.length; i += 2) counts[(data[i]! >> 4) * 16 + (data[i + 1]! >> 4)]!++;
    expect(chiSquared(counts)).toBeLessThan(330.5);
    expect(chiSquared(counts)).toBeGreaterThan(190);
  });

  it('say nothing of one another: the next value, the next pixel, the pixel below, a draw later', () => {
    // Of n independent values a correlation has the deviation 1/√n, here 0.0045.
    for (const lag of [1, 2, 3, 4, 6, 384, 624 * 4])
      expect(Math.abs(correlation(lag))).toBeLessThan(4 / Math.sqrt(data.length));
  });

  it('cannot be compressed', () => {
    expect(deflateSync(data, { level: 9 }).length).toBeGreaterThanOrEqual(data.length);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(randomPixels(7, size).data).toEqual(data);
    const other = randomPixels(8, size).data;
    const same = other.filter((value, i) => value === data[i]).length;
    expect(same / data.length).toBeLessThan(2 / 256);
  });

  it('begin alike in every size', () => {
    expect(randomPixels(7, { width: 5, height: 1 }).data).toEqual(data.slice(0, 15));
  });
});

describe('their id', () => {
  it('says how they are drawn', () => {
    const image = randomPixelsImage(2 ** 53 - 1, { width: 128, height: 64 });
    expect(readRandomPixelsId(image.id)).toEqual(image);
  });

  it.each(['pixels-7', 'pixels-7-99999x1', 'latent-7', 'pixels--1-1x1', 'pixels-7-1x1x1'])('is not %s', id => {
    expect(readRandomPixelsId(id)).toBeNull();
  });
});
