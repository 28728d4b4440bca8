import type { Candidate } from './candidates.ts';
import { cosine } from './cosine.ts';
import { byNearness, type Match, type NearestQuery } from './similarity-index.ts';

/** A vector as it was put. */
export interface StoredVector {
  readonly id: string;
  readonly numbers: Float32Array;
}

/**
 * The nearest among candidates, by their exact cosines. Vectors are read a few at a time, the likeliest candidates first,
 * until what is left cannot be nearer than what was found.
 *
 * @param candidates with every one of the nearest among them, the likeliest first
 * @param most how many vectors to read at a time
 */
export function nearestOf(
  query: NearestQuery,
  candidates: readonly Candidate[],
  most: number,
  read: (slots: readonly number[]) => Iterable<StoredVector>,
): Match[] {
  const { numbers, limit, after, minSimilarity } = query;
  const least = minSimilarity ?? Number.NEGATIVE_INFINITY;
  let found: Match[] = [];
  for (let begin = 0; begin < candidates.length; ) {
    const worst = found[limit - 1];
    // An equal one could still come before it, by its id.
    if (worst && candidates[begin]!.high < worst.similarity) break;
    const batch = candidates.slice(begin, begin + Math.min(most, begin === 0 ? limit + 8 : most));
    begin += batch.length;
    for (const { id, numbers: stored } of read(batch.map(({ slot }) => slot))) {
      const match = { id, similarity: cosine(numbers, stored) };
      if (match.similarity >= least && (!after || byNearness(after, match) < 0)) found.push(match);
    }
    found = found.sort(byNearness).slice(0, limit);
  }
  return found;
}
