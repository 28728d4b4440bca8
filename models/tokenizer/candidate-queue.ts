/** A pair of neighbouring symbols that may be joined. */
export interface Candidate {
  /** Place in the list of merges: the lowest goes first. */
  readonly rank: number;
  /** Where in the word the pair begins. */
  readonly left: number;
  /** The two symbols, as the list of merges writes them. */
  readonly pair: string;
}

/** A binary heap of candidates, the lowest rank first and within a rank the leftmost. */
export class CandidateQueue {
  readonly #heap: Candidate[] = [];

  add(candidate: Candidate): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (before(heap[parent]!, candidate)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = candidate;
  }

  /** Takes out all candidates of the lowest rank, from left to right; none when the queue is empty. */
  takeRound(): Candidate[] {
    const round: Candidate[] = [];
    const rank = this.#heap[0]?.rank;
    while (this.#heap.length > 0 && this.#heap[0]!.rank === rank) round.push(this.#take());
    return round;
  }

  #take(): Candidate {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(last, heap[child]!)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function before(a: Candidate, b: Candidate): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.left < b.left);
}
