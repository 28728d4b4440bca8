import { describe, expect, it } from 'vitest';
import { pool } from './pool.ts';

const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => i);

describe('pool', () => {
  it('leaves what is short enough', () => {
    const short = numbers(8);
    expect(pool(short, [2, 2, 2], 8)).toBe(short);
  });

  it('averages over neighbours, channel by channel', () => {
    expect([...pool(numbers(32), [2, 4, 4], 8)]).toEqual([2.5, 4.5, 10.5, 12.5, 18.5, 20.5, 26.5, 28.5]);
    expect([...pool(numbers(6), [6], 3)]).toEqual([0.5, 2.5, 4.5]);
  });

  it('lets cells that do not divide overlap, as PyTorch does', () => {
    expect([...pool(numbers(5), [5], 2)]).toEqual([1, 3]);
  });

  it.each([
    [[8, 16, 16], 1_456],
    [[4, 64, 64], 1_520],
    [[4, 128, 64], 1_512],
    [[4, 1, 4_096], 1_536],
    [[2_000], 1_536],
    [[1_536, 8, 8], 1_536],
  ])('fits %j into 1,536 numbers', (shape, length) => {
    const pooled = pool(new Float32Array(shape.reduce((a, b) => a * b)).fill(3), shape, 1_536);
    expect(pooled).toEqual(new Float32Array(length).fill(3));
  });

  it('refuses more channels than there may be numbers', () => {
    expect(() => pool(numbers(32), [8, 2, 2], 7)).toThrow(RangeError);
  });
});
