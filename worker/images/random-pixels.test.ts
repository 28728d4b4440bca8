import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RandomPixels, randomPixels } from './random-pixels.ts';

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
  const pictures = new RandomPixels('a secret');

  it('says how they are drawn', async () => {
    const image = await pictures.image(2 ** 53 - 1, { width: 128, height: 64 });
    expect(await pictures.find(image.id)).toEqual(image);
    expect(image).toMatchObject({ seed: 2 ** 53 - 1, width: 128, height: 64, latentKey: null });
  });

  it('is nobody else’s to write', async () => {
    const { id } = await pictures.image(7, { width: 8, height: 8 });
    for (const forged of [
      id.replace('8x8', '9999x9999'),
      id.replace('pixels-7', 'pixels-8'),
      id.slice(0, -1),
      id.slice(0, -1) + (id.endsWith('0') ? '1' : '0'),
      'pixels-7-8x8',
      `latent-${'a'.repeat(64)}`,
    ]) {
      expect(await pictures.find(forged)).toBeNull();
    }
    expect(await new RandomPixels('another secret').find(id)).toBeNull();
  });
});
