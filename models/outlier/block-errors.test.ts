import { expect, test } from 'vitest';
import type { Tensor } from '../runtime.ts';
import { blockErrors } from './block-errors.ts';

/** Every channel alike. */
const picture = (rows: readonly (readonly number[])[]): Tensor<Uint8Array> => ({
  data: Uint8Array.from(rows.flat().flatMap(byte => [byte, byte, byte])),
  dims: [rows.length, rows[0]!.length, 3],
});

test('errors are means over blocks, of the rest at the right and lower edge', () => {
  const drawn = picture([
    [10, 10, 10],
    [10, 10, 10],
    [10, 10, 10],
  ]);
  const own = picture([
    [12, 8, 11],
    [12, 8, 13],
    [10, 14, 9],
  ]);
  const thumbnail = picture([
    [11, 9, 10],
    [10, 10, 16],
    [10, 9, 12],
  ]);
  expect(blockErrors(drawn, own, thumbnail, 2)).toEqual([
    { own: 4, thumbnail: 0.5, shared: 1, colour: 0 },
    { own: 5, thumbnail: 18, shared: 9, colour: 4 },
    { own: 8, thumbnail: 0.5, shared: -2, colour: 4 },
    { own: 1, thumbnail: 4, shared: -2, colour: 1 },
  ]);
});

test('colour is off by channel: errors of two do not make up for each other', () => {
  const grey = { data: Uint8Array.of(100, 100, 100), dims: [1, 1, 3] };
  const tinted = { data: Uint8Array.of(106, 94, 100), dims: [1, 1, 3] };
  expect(blockErrors(grey, tinted, grey, 8)).toEqual([{ own: 24, thumbnail: 0, shared: 0, colour: 24 }]);
});
