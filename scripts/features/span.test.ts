import { expect, it } from 'vitest';
import { Span } from './span.ts';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum: number, x: number, i) => sum + x * b[i]!, 0);

it('keeps lengths and angles of what it is made of, in as few numbers as that takes', () => {
  const rows = [
    [1, 2, 3, 4, 5],
    [2, 0, -1, 0, 1],
    [3, 2, 2, 4, 6], // the sum of the others
  ].map(row => Float32Array.from(row));
  const span = new Span(rows);
  const brought = rows.map(row => span.coordinates(row));
  for (const row of brought) expect(row).toHaveLength(2);
  for (const i of [0, 1, 2]) {
    for (const j of [0, 1, 2]) expect(dot(brought[i]!, brought[j]!)).toBeCloseTo(dot(rows[i]!, rows[j]!), 6);
  }
});

it('leaves out what no example has', () => {
  const span = new Span([Float32Array.of(0, 3, 0)]);
  expect([...span.coordinates(Float32Array.of(7, 2, 7))]).toEqual([2]);
});
