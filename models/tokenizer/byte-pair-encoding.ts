import { type Candidate, CandidateQueue } from './candidate-queue.ts';

/**
 * Byte-pair encoding: joins the pair of neighbouring symbols that stands first in the list of merges, everywhere in the
 * word, until no pair is in the list. A word of n symbols takes O(n log n), whatever it is.
 * Source: Sennrich et al., "Neural machine translation of rare words with subword units", 2016, section 3.2.
 */
export class BytePairEncoding {
  readonly #rankOf: ReadonlyMap<string, number>;

  /** @param merges pairs of symbols with a space between them, the most urgent first */
  constructor(merges: readonly string[]) {
    const rankOf = new Map<string, number>();
    for (const [rank, pair] of merges.entries()) rankOf.set(pair, rank);
    this.#rankOf = rankOf;
  }

  /** @param symbols what the word is made of, to begin with: characters, the last with the mark of a word's end */
  encode(symbols: readonly string[]): string[] {
    const { length } = symbols;
    if (length < 2) return [...symbols];
    // A doubly linked list over the array: a symbol that was joined to the one before it becomes undefined.
    const at: (string | undefined)[] = [...symbols];
    const next = new Int32Array(length);
    const previous = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    const queue = new CandidateQueue();

    const offer = (left: number): void => {
      const right = left < 0 ? length : next[left]!;
      if (right >= length) return;
      const pair = `${at[left]} ${at[right]}`;
      const rank = this.#rankOf.get(pair);
      if (rank !== undefined) queue.add({ rank, left, pair });
    };
    const stands = ({ left, pair }: Candidate): boolean =>
      next[left]! < length && `${at[left]} ${at[next[left]!]}` === pair;

    for (let i = 0; i + 1 < length; i++) offer(i);
    for (let round = queue.takeRound(); round.length > 0; round = queue.takeRound()) {
      const joined: number[] = [];
      for (const candidate of round) {
        if (!stands(candidate)) continue;
        const { left } = candidate;
        const right = next[left]!;
        at[left] = `${at[left]}${at[right]}`;
        at[right] = undefined;
        next[left] = next[right]!;
        if (next[left]! < length) previous[next[left]!] = left;
        joined.push(left);
      }
      // Only now: a pair that came about in this round waits for the next one.
      for (const left of joined) {
        offer(previous[left]!);
        offer(left);
      }
    }
    return at.filter(symbol => symbol !== undefined);
  }
}
