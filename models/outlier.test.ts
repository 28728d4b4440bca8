import { expect, test } from 'vitest';
import { outlierMeasure, outlierVerdict } from './outlier.ts';
import { resize } from './resize.ts';
import type { Tensor } from './runtime.ts';

function drawn(colour: (x: number, y: number) => number, height = 128, width = 128): Tensor<Uint8Array> {
  const data = new Uint8Array(3 * height * width);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / 3);
    data[i] = colour(at % width, Math.floor(at / width));
  }
  return { data, dims: [height, width, 3] };
}

/** Something striped, in the middle of a plain ground. */
const thing = (x: number, y: number) => (Math.hypot(x - 64, y - 64) < 28 ? (x % 6 < 3 ? 60 : 180) : 120);
const scene = drawn(thing);
const flat = drawn(() => 120);
/** `picture`, off by so much where `where` is true. */
const off = (picture: Tensor<Uint8Array>, by: number, where = (_x: number, _y: number) => true) =>
  drawn((x, y) => picture.data[3 * (128 * y + x)]! + (where(x, y) ? by : 0));

test('the more the colours of areas are off, the higher is the measure', () => {
  const measures = [0, 2, 6, 20].map(by => outlierMeasure(scene, off(scene, by)));
  expect(measures.toSorted((a, b) => a - b)).toEqual(measures);
  expect(new Set(measures).size).toBe(4);
});

test('detail lost as a thumbnail loses it counts less than the same error in the colours of areas', () => {
  const soft = resize(resize(scene, 32, 32), 128, 128);
  const error = soft.data.reduce((sum, byte, i) => sum + (byte - scene.data[i]!) ** 2, 0) / soft.data.length;
  const inside = (x: number, y: number) => thing(x, y) !== 120;
  const share = scene.data.filter(byte => byte !== 120).length / scene.data.length;
  const tinted = off(scene, Math.round(Math.sqrt(error / share)), inside);
  expect(outlierMeasure(scene, soft)).toBeLessThan(outlierMeasure(scene, tinted));
});

test('a flat picture is not the most normal one', () => {
  const slightly = (x: number, y: number) => (x + y) % 2 === 0;
  expect(outlierMeasure(flat, off(flat, 4, slightly))).toBeGreaterThan(outlierMeasure(scene, off(scene, 4, slightly)));
});

test('edges all over, each as soft as a thumbnail’s, are more than the same around one thing', () => {
  const everywhere = drawn((x, y) => (((x >> 3) + (y >> 3)) % 2 ? 40 : 200));
  const soft = (picture: Tensor<Uint8Array>) => resize(resize(picture, 32, 32), 128, 128);
  expect(outlierMeasure(everywhere, soft(everywhere))).toBeGreaterThan(outlierMeasure(scene, soft(scene)));
});

test.each([
  [8, 80],
  [50, 33],
])('a picture of %d × %d pixels has a measure', (height, width) => {
  const picture = drawn((x, y) => x + y, height, width);
  const worse = drawn((x, y) => x + y + 9, height, width);
  expect(outlierMeasure(picture, worse)).toBeGreaterThan(outlierMeasure(picture, picture));
});

test.each([
  ['of another size', flat, drawn(() => 0, 128, 136)],
  ['in grey', { ...flat, dims: [128, 384, 1] }, { ...flat, dims: [128, 384, 1] }],
])('a reconstruction %s is refused', (_, picture, reconstruction) => {
  expect(() => outlierMeasure(picture, reconstruction)).toThrow(RangeError);
});

test('a verdict is the quantile among the held-out scenes, ties counted half', () => {
  const heldOut = { threshold: 0.75, measures: [-1, 2, 2, 4] };
  expect(outlierVerdict(-3, heldOut)).toEqual({ score: 0, outlier: false });
  expect(outlierVerdict(2, heldOut)).toEqual({ score: 0.5, outlier: false });
  expect(outlierVerdict(3, heldOut)).toEqual({ score: 0.75, outlier: false });
  expect(outlierVerdict(9, heldOut)).toEqual({ score: 1, outlier: true });
});
