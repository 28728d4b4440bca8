/**
 * How many insertions, deletions, replacements and swaps of neighbours make one text of the other (optimal string
 * alignment). Stops at `most + 1`: whoever asks has no use for more.
 * Source: Boytsov, "Indexing methods for approximate dictionary searching", 2011, section 2.2.
 */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  const width = b.length + 1;
  // The row that is filled, the one before it and the one before that, in turn.
  const rows = new Uint16Array(3 * width);
  for (let j = 0; j < width; j++) rows[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const current = (i % 3) * width;
    const previous = ((i + 2) % 3) * width;
    const beforePrevious = ((i + 1) % 3) * width;
    let least = i;
    rows[current] = i;
    for (let j = 1; j < width; j++) {
      const replaced = rows[previous + j - 1]! + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      let distance = Math.min(rows[previous + j]! + 1, rows[current + j - 1]! + 1, replaced);
      const swapped =
        i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) distance = Math.min(distance, rows[beforePrevious + j - 2]! + 1);
      rows[current + j] = distance;
      least = Math.min(least, distance);
    }
    if (least > most) return most + 1;
  }
  return Math.min(rows[(a.length % 3) * width + b.length]!, most + 1);
}
