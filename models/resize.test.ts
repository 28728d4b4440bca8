import { describe, expect, it } from 'vitest';
import { resize } from './resize.ts';

// What it makes of pictures is compared with Pillow's in test/goldens.
describe('resize', () => {
  it('leaves a picture of the right size alone', () => {
    const picture = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), dims: [2, 1, 3] };
    expect(resize(picture, 1, 2)).toBe(picture);
  });

  it('keeps to bytes where the sinc goes beyond them, and one colour to itself', () => {
    const edge = { data: Uint8Array.from({ length: 16 * 3 }, (_, i) => (i < 24 ? 0 : 255)), dims: [1, 16, 3] };
    const { data, dims } = resize(edge, 64, 3);
    expect(dims).toEqual([3, 64, 3]);
    const row = [...data.subarray(0, 192)].filter((_, i) => i % 3 === 0);
    expect(row.slice(0, 20)).toEqual(Array(20).fill(0));
    expect(row.slice(44)).toEqual(Array(20).fill(255));
    expect(row.toSorted((a, b) => a - b)[32]).toBeGreaterThan(100);
    const flat = { data: new Uint8Array(300).fill(77), dims: [10, 10, 3] };
    expect(new Set(resize(flat, 7, 33).data)).toEqual(new Set([77]));
  });
});
