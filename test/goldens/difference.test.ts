import { describe, expect, it } from 'vitest';
import { absoluteError, countDifferent, relativeError, worstSliceError } from './difference.ts';

const tensor = (data: readonly number[], dims: readonly number[] = [data.length]) => ({ data, dims });

describe('errors', () => {
  it('are relative to the largest expected value, or to 1', () => {
    expect(relativeError(tensor([0, 110]), tensor([0, 100]))).toBeCloseTo(0.1);
    expect(relativeError(tensor([0.3]), tensor([0.1]))).toBeCloseTo(0.2);
    expect(absoluteError(tensor([0, 110]), tensor([0, 100]))).toBe(10);
    expect(countDifferent(tensor([1, 2, 3]), tensor([1, 0, 0]))).toBe(2);
  });

  it('are those of the worst slice', () => {
    const expected = tensor([100, 0, 1, 0], [2, 2]);
    expect(worstSliceError(tensor([100, 1, 1, 0], [2, 2]), expected)).toBeCloseTo(0.01);
    expect(worstSliceError(tensor([100, 0, 1, 1], [2, 2]), expected)).toBeCloseTo(1);
  });

  it('are not a number where one is not', () => {
    for (const error of [absoluteError, relativeError]) {
      expect(error(tensor([1, Number.NaN]), tensor([1, 2]))).toBeNaN();
      expect(error(tensor([1, 2]), tensor([Number.NaN, 2]))).toBeNaN();
      expect(error(tensor([Number.POSITIVE_INFINITY]), tensor([Number.POSITIVE_INFINITY]))).toBeNaN();
    }
  });

  it('need equal shapes', () => {
    expect(() => absoluteError(tensor([1, 2], [1, 2]), tensor([1, 2], [2, 1]))).toThrow(
      'shape [1, 2], expected [2, 1]',
    );
    expect(() => relativeError(tensor([]), tensor([1]))).toThrow(RangeError);
    expect(relativeError(tensor([]), tensor([]))).toBe(0);
  });
});
