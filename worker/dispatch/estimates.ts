/** How long those who wait have to wait, as far as that can be told. */
import type { FairQueue } from './fair-queue.ts';
import type { Held } from './held.ts';
import type { Pace } from './pace.ts';
import type { Place, Ticket } from './ticket.ts';

/** Where so many wait, places are looked up for all at once, no more often than so. */
const manyWait = 100;
const placesForMs = 250;

export interface EstimatesOptions {
  readonly queue: FairQueue;
  /** By turns. */
  readonly held: ReadonlyMap<string, Held>;
  readonly pace: Pace;
  readonly now: () => number;
  /** Jobs that run at the same time. */
  readonly places: () => number;
}

export class Estimates {
  readonly #options: EstimatesOptions;
  /** Places as they were a moment ago: many ask for theirs, and each would look through the whole queue. */
  #known: { readonly at: number; readonly places: ReadonlyMap<string, Place> } | null = null;

  constructor(options: EstimatesOptions) {
    this.#options = options;
  }

  /** @param called the ticket, where it is its turn */
  of(id: string, called: Ticket | null): Place {
    const { queue, now } = this.#options;
    if (queue.size < manyWait) return this.#now(id, called);
    if (this.#known === null || now() - this.#known.at > placesForMs) {
      const places = new Map([...this.#inOrder()].map(({ ticket, place }) => [ticket.id, place]));
      this.#known = { at: now(), places };
    }
    return this.#known.places.get(id) ?? this.#now(id, called);
  }

  /** Milliseconds until there is likely room for one more. */
  get roomAfterMs(): number {
    const { queue, pace, places } = this.#options;
    const [next] = queue.inOrder();
    const ms = next ? pace.guess(next.paceClass, next.steps) / places() : 0;
    return Math.round(Math.min(60_000, Math.max(1_000, ms)));
  }

  #now(id: string, called: Ticket | null): Place {
    if (called && !this.#options.queue.has(id)) return { position: null, etaMs: this.#untilEnd(called) };
    for (const { ticket, place } of this.#inOrder()) if (ticket.id === id) return place;
    return { position: null, etaMs: null };
  }

  /** All that waits, in its order. */
  *#inOrder(): Generator<{ readonly ticket: Ticket; readonly place: Place }> {
    const { queue, held, pace } = this.#options;
    const places = this.#options.places();
    let position = 0;
    let ms = [...held.values()].reduce((sum, each) => sum + this.#left(each), 0);
    const seen = new Set<string>();
    for (const ticket of queue.inOrder()) {
      const own = pace.of(ticket.paceClass, ticket.steps);
      yield { ticket, place: { position, etaMs: own === null ? null : Math.round(ms / places + own) } };
      // The same turn is one piece of work, however many wait for it.
      if (seen.has(ticket.turn)) continue;
      seen.add(ticket.turn);
      position++;
      ms += pace.guess(ticket.paceClass, ticket.steps);
    }
  }

  #untilEnd({ turn, paceClass }: Ticket): number | null {
    const held = this.#options.held.get(turn);
    if (!held || this.#options.pace.of(paceClass, 1) === null) return null;
    return Math.round(this.#left(held));
  }

  /** Milliseconds that are left of something that was given. */
  #left({ ticket, step, runsSince, heardAt }: Held): number {
    const { pace } = this.#options;
    const whole = pace.guess(ticket.paceClass, ticket.steps);
    if (runsSince === null) return whole;
    const now = this.#options.now();
    // It has gone on since it was heard of.
    const bySteps = pace.guess(ticket.paceClass, Math.max(0, ticket.steps - step)) - (now - heardAt);
    return Math.max(0, step === 0 ? whole - (now - runsSince) : bySteps);
  }
}
