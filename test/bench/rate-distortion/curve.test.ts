import { expect, it } from 'vitest';
import { type Curve, frontOf, reached, stretchesAhead } from './curve.ts';

const curve = (...points: [number, number][]): Curve => ({
  codec: '',
  points: points.map(([bytes, psnr]) => ({ setting: '', bytes, psnr, similarity: 0, accuracy: 0 })),
});

it('is linear between settings, has nothing below the first and no more behind the best', () => {
  const own = curve([100, 20], [200, 30]);
  expect([99, 100, 150, 200, 900].map(bytes => reached(own, 'psnr', bytes))).toEqual([null, 20, 25, 30, 30]);
});

it('leaves out settings that take more bytes for less', () => {
  const own = curve([300, 30], [100, 20], [200, 19], [250, 30]);
  expect(frontOf(own.points, 'psnr').map(({ bytes }) => bytes)).toEqual([100, 250]);
  expect(reached(own, 'psnr', 175)).toBe(25);
});

it('finds where one is ahead of another, among rates that both have', () => {
  const own = curve([100, 24], [300, 26], [500, 26]);
  const rival = curve([200, 20], [400, 24], [600, 28]);
  expect(stretchesAhead(own, rival, 'psnr', 0, 900)).toEqual([{ from: 200, to: 500 }]);
  expect(stretchesAhead(own, rival, 'psnr', 2, 900)).toEqual([{ from: 200, to: 400 }]);
  expect(stretchesAhead(own, rival, 'psnr', 2, 350)).toEqual([{ from: 200, to: 350 }]);
  expect(stretchesAhead(own, rival, 'psnr', 7, 900)).toEqual([]);
});
