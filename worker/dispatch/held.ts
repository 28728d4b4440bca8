/** Turns that were given a backend. */
import type { Ticket } from './ticket.ts';

/** A backend that one image may be computed on. */
export interface Lease {
  readonly address: string;
  /** See `kindOf`. */
  readonly kind: string;
}

export interface Held extends Lease {
  readonly ticket: Ticket;
  heardAt: number;
  /** Since when the backend runs it, and does not let it wait; null before. */
  runsSince: number | null;
  /** Steps done, as far as it was told. */
  step: number;
  isLost: boolean;
}
