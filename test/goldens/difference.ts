/** A tensor of a golden file or a result: any numbers, and dims that must be equal before numbers are compared. */
export interface Numbers {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

/** The largest `|actual − expected|`. @throws RangeError when the shapes differ */
export function absoluteError(actual: Numbers, expected: Numbers): number {
  expectSameShape(actual, expected);
  return largestDifference(actual.data, expected.data, 0, expected.data.length);
}

/** The largest `|actual − expected|`, over the largest `|expected|` or 1. @throws RangeError when the shapes differ */
export function relativeError(actual: Numbers, expected: Numbers): number {
  return worstSliceError(actual, expected, 1);
}

/**
 * `relativeError` of each of `slices` equal parts, the worst: the steps of a run.
 * @throws RangeError when the shapes differ
 */
export function worstSliceError(actual: Numbers, expected: Numbers, slices = expected.dims[0] ?? 1): number {
  expectSameShape(actual, expected);
  const size = expected.data.length / slices;
  let worst = 0;
  for (let begin = 0; begin < expected.data.length; begin += size) {
    const scale = Math.max(1, largestValue(expected.data, begin, begin + size));
    const error = largestDifference(actual.data, expected.data, begin, begin + size) / scale;
    if (!(error <= worst)) worst = error;
    if (Number.isNaN(worst)) return worst;
  }
  return worst;
}

/** How many numbers differ. @throws RangeError when the shapes differ */
export function countDifferent(actual: Numbers, expected: Numbers): number {
  expectSameShape(actual, expected);
  let count = 0;
  for (let i = 0; i < expected.data.length; i++) if (actual.data[i] !== expected.data[i]) count++;
  return count;
}

/** NaN when any difference is. */
function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>, begin: number, end: number): number {
  let worst = 0;
  for (let i = begin; i < end; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  return worst;
}

function largestValue(values: ArrayLike<number>, begin: number, end: number): number {
  let largest = 0;
  for (let i = begin; i < end; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

function expectSameShape(actual: Numbers, expected: Numbers): void {
  if (actual.dims.join() !== expected.dims.join() || actual.data.length !== expected.data.length) {
    throw new RangeError(`shape [${actual.dims.join(', ')}], expected [${expected.dims.join(', ')}]`);
  }
}
