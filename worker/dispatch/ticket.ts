/** What waits for a backend: one image of a generation. */
export interface Ticket {
  readonly id: string;
  readonly generationId: string;
  /** Whose turn it is: the same for all that want the same computed, for it is computed once. */
  readonly turn: string;
  /** Whose work it is: callers are served in turns, and each one's work in the order of `order`. */
  readonly caller: string;
  /** Ids of generations grow with time. */
  readonly order: string;
  /** Digest of the checkpoint that a backend must have. */
  readonly checkpoint: string;
  /** Work of one class takes about the same time a step: see `Pace`. */
  readonly paceClass: string;
  readonly steps: number;
  /** Some of it has been computed: it goes before all that has not begun. */
  readonly isBegun: boolean;
  /** The kind of backend that has begun it, and goes on with it to the same bytes; null or absent where none has. */
  readonly kind?: string | null;
}

/** Where an image waits. */
export interface Place {
  /** How many turns come before it; null for one that does not wait. */
  readonly position: number | null;
  /** Milliseconds until its end; null while nothing is known of how long its like takes. */
  readonly etaMs: number | null;
}
