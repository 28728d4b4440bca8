/** The mean of those values that lie within `width` of each other, where most do. */
export function mostFrequent(values: Float64Array, width: number): number {
  const sorted = values.toSorted();
  let [begin, end] = [0, 0];
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! > width) first++;
    if (last + 1 - first > end - begin) [begin, end] = [first, last + 1];
  }
  let sum = 0;
  for (let i = begin; i < end; i++) sum += sorted[i]!;
  return sum / (end - begin);
}
