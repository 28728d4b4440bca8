import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';

type Corner = readonly [x: number, y: number];

function covered(width: number, height: number, ...polygons: readonly (readonly Corner[])[]): number[][] {
  const coverage = new Coverage(width, height);
  for (const corners of polygons) {
    for (const [i, [x, y]] of corners.entries()) coverage.edge(x, y, ...corners[(i + 1) % corners.length]!);
  }
  const values = [...coverage.values()];
  return Array.from({ length: height }, (_, row) => values.slice(row * width, (row + 1) * width));
}

const box = (left: number, top: number, right: number, bottom: number): Corner[] => [
  ...([
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ] as const),
];

test('a box covers its pixels, and of those at its edges what it covers', () => {
  expect(covered(4, 3, box(0.5, 1, 3.25, 2.5))).toEqual([
    [0, 0, 0, 0],
    [0.5, 1, 1, 0.25],
    [0.25, 0.5, 0.5, 0.125],
  ]);
});

test('whichever way round it goes', () => {
  expect(covered(3, 2, box(1, 0, 2, 2).reverse())).toEqual(covered(3, 2, box(1, 0, 2, 2)));
});

test('a slope covers, of each pixel, what lies below it', () => {
  const [top, bottom] = covered(4, 2, [
    [0, 2],
    [4, 0],
    [4, 2],
  ]);
  expect(top).toEqual([0, 0, 0.25, 0.75].map(share => expect.closeTo(share, 6)));
  expect(bottom).toEqual([0.25, 0.75, 1, 1].map(share => expect.closeTo(share, 6)));
});

test('an outline within another that goes the other way is a hole', () => {
  expect(covered(3, 3, box(0, 0, 3, 3), box(1, 1, 2, 2).reverse())).toEqual([
    [1, 1, 1],
    [1, 0, 1],
    [1, 1, 1],
  ]);
});

test('two that overlap cover no more than all of a pixel', () => {
  expect(covered(2, 1, box(0, 0, 2, 1), box(0, 0, 1, 1))).toEqual([[1, 1]]);
});

test('what reaches beyond the top and the bottom is cut off', () => {
  expect(covered(1, 2, box(0, -5, 1, 9))).toEqual([[1], [1]]);
});
