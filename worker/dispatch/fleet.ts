/** Which backends can be given something now. */
import type { BackendWatch } from './backend-watch.ts';
import { Breaker } from './breaker.ts';
import type { Ticket } from './ticket.ts';

/** A backend is given one job more than it runs, so that it need not wait for the next. */
const ahead = 1;
/** A backend that was full is left alone for so long: it may only have been about to let go of the job before. */
const fullMs = 200;

export interface FreeBackend {
  readonly address: string;
  readonly digests: ReadonlySet<string>;
  readonly kind: string;
  readonly capacity: number;
  readonly load: number;
}

export interface FleetOptions {
  readonly watch: BackendWatch;
  readonly now: () => number;
  /** How many turns a backend was given. */
  readonly loadOf: (address: string) => number;
}

/** All backends: what was seen of them, and how they have behaved. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #breakers = new Map<string, Breaker>();
  /** Backends that have said that they are full, and until when. */
  readonly #fullUntil = new Map<string, number>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Those that can be given something now. */
  free(): FreeBackend[] {
    const { watch, now, loadOf } = this.#options;
    return watch.addresses.flatMap(address => {
      const seen = watch.seen(address);
      const breaker = this.breaker(address).state(now());
      const isFull = (this.#fullUntil.get(address) ?? 0) > now();
      if (!seen?.state || isFull || watch.isAsked(address) || breaker === 'OPEN') return [];
      const load = loadOf(address);
      const room = breaker === 'HALF_OPEN' ? 1 : seen.capacity + Math.min(ahead, seen.queueLimit);
      const { digests, kind } = seen.state;
      return load < room ? [{ address, digests, kind, capacity: seen.capacity, load }] : [];
    });
  }

  /** Those that can take it: of the kind that has begun it, as long as one of that kind is there and well, busy or not. */
  able(ticket: Ticket, free: readonly FreeBackend[]): readonly FreeBackend[] {
    const able = free.filter(({ digests }) => digests.has(ticket.checkpoint));
    return this.isKindThere(ticket) ? able.filter(({ kind }) => kind === ticket.kind) : able;
  }

  isKindThere({ checkpoint, kind = null }: Ticket): boolean {
    const { watch, now } = this.#options;
    if (kind === null) return false;
    return watch.addresses.some(address => {
      const state = watch.seen(address)?.state;
      return state?.kind === kind && state.digests.has(checkpoint) && this.breaker(address).state(now()) === 'CLOSED';
    });
  }

  /** What the backends have; null for each that does not answer. */
  get states() {
    const { watch } = this.#options;
    return watch.addresses.map(address => watch.seen(address)?.state ?? null);
  }

  /** Jobs that it runs at the same time. */
  capacityOf(address: string): number {
    return this.#options.watch.seen(address)?.capacity ?? 1;
  }

  /** Jobs that run at the same time on all backends that answer. */
  get places(): number {
    const { watch } = this.#options;
    const seen = watch.addresses.map(address => watch.seen(address)).filter(each => each?.state);
    return Math.max(
      1,
      seen.reduce((sum, each) => sum + each!.capacity, 0),
    );
  }

  ended(address: string, outcome: 'DONE' | 'FAILED' | 'FULL' | 'GIVEN_BACK'): void {
    const now = this.#options.now();
    const breaker = this.breaker(address);
    if (outcome === 'DONE') breaker.succeeded();
    else if (outcome === 'FAILED') {
      breaker.failed(now);
      this.#options.watch.doubt(address);
    } else breaker.released();
    if (outcome === 'FULL') this.#fullUntil.set(address, now + fullMs);
  }

  breaker(address: string): Breaker {
    let breaker = this.#breakers.get(address);
    if (!breaker) {
      breaker = new Breaker();
      this.#breakers.set(address, breaker);
    }
    return breaker;
  }
}
