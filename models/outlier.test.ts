import { expect, test } from 'vitest';
import { outlierMeasure, outlierVerdict } from './outlier.ts';
import type { Tensor } from './runtime.ts';

const side = 64;

function drawn(colour: (x: number, y: number) => number, height = side, width = side): Tensor<Uint8Array> {
  const data = new Uint8Array(3 * height * width);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / 3);
    data[i] = colour(at % width, Math.floor(at / width));
  }
  return { data, dims: [height, width, 3] };
}

/** Stripes of 2 pixels: finer than a thumbnail. */
const stripes = drawn(x => (x % 4 < 2 ? 60 : 180));
const flat = drawn(() => 120);
const off = ({ data, dims }: Tensor<Uint8Array>, by: number) => ({ data: data.map(byte => byte + by), dims });

test('the more a reconstruction is off, the higher its measure', () => {
  const measures = [0, 2, 6, 20].map(by => outlierMeasure(stripes, off(stripes, by)));
  expect(measures.toSorted((a, b) => a - b)).toEqual(measures);
  expect(new Set(measures).size).toBe(4);
  expect(measures[0]).toBeGreaterThan(0);
});

test('what no thumbnail can show may be further off than what every thumbnail shows', () => {
  expect(outlierMeasure(stripes, off(stripes, 6))).toBeLessThan(outlierMeasure(flat, off(flat, 6)));
});

test('sides may differ, from a block on', () => {
  const wide = drawn((x, y) => x + y, 8, 80);
  expect(outlierMeasure(wide, off(wide, 9))).toBeGreaterThan(outlierMeasure(wide, wide));
});

test.each([
  ['of another size', drawn(() => 0, 64, 72), drawn(() => 0)],
  ['not of whole blocks', drawn(() => 0, 60), drawn(() => 0, 60)],
])('a reconstruction %s is refused', (_, picture, reconstruction) => {
  expect(() => outlierMeasure(picture, reconstruction)).toThrow(RangeError);
});

test('a verdict is the quantile among the held-out scenes, ties counted half', () => {
  const heldOut = { threshold: 0.75, measures: [1, 2, 2, 4] };
  expect(outlierVerdict(0.5, heldOut)).toEqual({ score: 0, outlier: false });
  expect(outlierVerdict(2, heldOut)).toEqual({ score: 0.5, outlier: false });
  expect(outlierVerdict(3, heldOut)).toEqual({ score: 0.75, outlier: false });
  expect(outlierVerdict(9, heldOut)).toEqual({ score: 1, outlier: true });
});
