/**
 * How often one of the positives is above one of the negatives, ties counted half: the area under the receiver operating
 * characteristic (Hanley and McNeil 1982).
 */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number {
  const sorted = negatives.toSorted((a, b) => a - b);
  let wins = 0;
  for (const positive of positives) wins += (below(sorted, positive, false) + below(sorted, positive, true)) / 2;
  return wins / (positives.length * negatives.length);
}

/** How many of the sorted are below, or not above. */
function below(sorted: readonly number[], value: number, orEqual: boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}
