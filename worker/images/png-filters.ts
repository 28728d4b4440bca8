/** PNG's filters: a row is written as what differs from what was to be expected. */

/** None, Sub, Up, Average, Paeth: what a byte is expected to be. */
export const predictors: readonly ((left: number, above: number, aboveLeft: number) => number)[] = [
  () => 0,
  left => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

function paeth(left: number, above: number, aboveLeft: number): number {
  const estimate = left + above - aboveLeft;
  const toLeft = Math.abs(estimate - left);
  const toAbove = Math.abs(estimate - above);
  const toAboveLeft = Math.abs(estimate - aboveLeft);
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}

/**
 * Undoes the filter of a row, in place.
 * @param row the filter's number, then the bytes
 * @param above the row before, undone; zeros for the first
 * @param step bytes of a pixel, at least one
 * @returns whether there is such a filter
 */
export function unfilter(row: Uint8Array, above: Uint8Array, step: number): boolean {
  const filter = row[0]!;
  const predict = predictors[filter];
  if (!predict) return false;
  if (filter === 0) return true;
  for (let i = 1; i < row.byteLength; i++) {
    const left = i > step ? row[i - step]! : 0;
    const aboveLeft = i > step ? above[i - step]! : 0;
    row[i] = row[i]! + predict(left, above[i]!, aboveLeft);
  }
  return true;
}
