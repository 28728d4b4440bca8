import { describe, expect, it } from 'vitest';
import { fitted } from './fit.ts';

/** Every pixel says where it was: column, row, 0. */
function chart(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % width, Math.floor(pixel / width), 0][i % 3]!;
  });
  return { data, width, height };
}

describe('fitted', () => {
  it('leaves a picture of the size as it is', () => {
    const picture = chart(16, 8);
    expect(fitted(picture, 16, 8)).toBe(picture);
  });

  it('takes the middle of one that is wider, and of one that is higher', () => {
    const wide = fitted(chart(20, 8), 8, 8);
    expect([...wide.data.subarray(0, 3)]).toEqual([6, 0, 0]);
    expect([...wide.data.subarray(-3)]).toEqual([13, 7, 0]);
    const high = fitted(chart(8, 20), 8, 8);
    expect([...high.data.subarray(0, 3)]).toEqual([0, 6, 0]);
  });

  it('scales without stretching: what is in the middle stays there', () => {
    const { data, width, height } = fitted(chart(200, 100), 16, 16);
    expect([width, height, data.length]).toEqual([16, 16, 768]);
    // Columns 50 to 149 of 200, rows 0 to 99.
    expect(data[0]).toBeGreaterThanOrEqual(50);
    expect(data[0]).toBeLessThan(58);
    expect(data[15 * 3]).toBeGreaterThan(141);
    expect(data[15 * 3]).toBeLessThanOrEqual(149);
  });

  it('makes a picture of one pixel into one colour', () => {
    const { data } = fitted({ data: Uint8Array.of(10, 20, 30), width: 1, height: 1 }, 8, 16);
    expect(data).toHaveLength(8 * 16 * 3);
    for (let i = 0; i < data.length; i++) expect(data[i]).toBe([10, 20, 30][i % 3]);
  });

  it('takes one row of a picture that is far too high', () => {
    const { data } = fitted(chart(1, 250), 8, 8);
    expect(data.every((value, i) => i % 3 !== 1 || value === 124)).toBe(true);
  });
});
