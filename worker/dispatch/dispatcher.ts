/** Who is computed next, and where. */
import type { Failure } from '../../schema/context.ts';
import type { BackendWatch } from './backend-watch.ts';
import { Breaker } from './breaker.ts';
import { FairQueue } from './fair-queue.ts';
import type { Pace } from './pace.ts';
import type { Place, Ticket } from './ticket.ts';

/** A backend is given one job more than it runs, so that it need not wait for the next. */
const ahead = 1;
/** Who was given a backend and is not heard of for so long has died. */
const leaseMs = 30_000;
/** A backend that is not heard of for so long has lost what it was given. */
const lostMs = 15_000;
/** How long one question for a backend waits for its answer. */
const takeMs = 15_000;
/** All that waits is looked at, to find what waits in vain, no more often than so. */
const giveUpEveryMs = 500;
/** Where so many wait, places are looked up for all at once, no more often than so. */
const manyWait = 100;
const placesForMs = 250;
/** A backend that is well answers within so long. */
const soonMs = 200;
/** A backend that was full is left alone for so long: it may only have been about to let go of the job before. */
const fullMs = 200;
/** A message that tells of what has ended does not come later than so. */
const lateMs = 10_000;

/** A backend that one image may be computed on. */
export interface Lease {
  readonly address: string;
  /** See `kindOf`. */
  readonly kind: string;
}

/** How it went on a backend. */
export interface JobReport {
  /** FAILED: as the backend does. FULL: it took none. GIVEN_BACK: for reasons that are not the backend's. */
  readonly outcome: 'DONE' | 'FAILED' | 'FULL' | 'GIVEN_BACK';
  readonly steps: number;
  /** Milliseconds that the steps took. */
  readonly stepMs: number;
}

interface Held extends Lease {
  readonly ticket: Ticket;
  heardAt: number;
  /** Since when the backend runs it, and does not let it wait; null before. */
  runsSince: number | null;
  /** Steps done, as far as it was told. */
  step: number;
  isLost: boolean;
}

export interface DispatcherOptions {
  readonly watch: BackendWatch;
  readonly pace: Pace;
  /** Tells a generation that it is its turn, or with a failure that none will come. */
  readonly call: (ticket: Ticket, failure: Failure | null) => void;
  readonly now: () => number;
  /** How long work waits for a backend that has its checkpoint, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * All that waits and all that runs, in memory: it is rebuilt from rows after a crash, and what runs tells of itself.
 *
 * An image waits with a ticket, and is called when it is its turn: the same turn calls all tickets that want the same
 * computed. Whoever computes it then takes the backend that the turn was given, says from time to time that it lives, and
 * says how it went.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queue = new FairQueue();
  /** Tickets whose turn it is, until they leave; by their ids. */
  readonly #called = new Map<string, Ticket>();
  /** By turns. */
  readonly #held = new Map<string, Held>();
  /** Those who wait for a backend, by turns. */
  readonly #takers = new Map<string, { id: string; answer: (given: Lease | Failure | null) => void }>();
  readonly #breakers = new Map<string, Breaker>();
  /** Since when no backend has a checkpoint. */
  readonly #missing = new Map<string, number>();
  /** Since when each ticket waits, by its id. */
  readonly #since = new Map<string, number>();
  /** Backends that have said that they are full, and until when. */
  readonly #fullUntil = new Map<string, number>();
  /** Until when a renewal of a turn on an address comes too late: what it tells of has ended. */
  readonly #endedUntil = new Map<string, number>();
  /** Places as they were a moment ago: many ask for theirs, and each would look through the whole queue. */
  #known: { readonly at: number; readonly places: ReadonlyMap<string, Place> } | null = null;
  #gaveUpAt = Number.NEGATIVE_INFINITY;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Whether there is something to look after. */
  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#held.size === 0 && this.#takers.size === 0;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Waits for its turn; one that waits already, or has it, stays where it is. */
  enqueue(ticket: Ticket): void {
    this.#moveTurn(ticket);
    if (this.#queue.get(ticket.id)?.turn === ticket.turn) return;
    // It is computed already, or has been called and was not heard of since: it is called again.
    if (this.#held.has(ticket.turn)) {
      this.#call(ticket);
      return;
    }
    this.#called.delete(ticket.id);
    this.#wait(ticket);
  }

  /** It wants nothing any more: made, failed or cancelled. */
  leave(id: string): void {
    const called = this.#called.get(id);
    this.#called.delete(id);
    // Where others want the same, a ticket that is asked for a backend with is theirs as well.
    if (called && [...this.#called.values()].some(({ turn }) => turn === called.turn)) return;
    this.#queue.remove(id);
    this.#since.delete(id);
    if (!called) return;
    // Nobody else is left who wants it: what had been given for it is free.
    const taker = this.#takers.get(called.turn);
    if (taker) this.#queue.remove(taker.id);
    taker?.answer(null);
    this.#release(called.turn);
  }

  /**
   * The backend that a turn was given, or will be: who has no turn waits for one before all that has not begun.
   * @returns null when none came for a while: ask again; a failure where none will
   */
  take(ticket: Ticket): Promise<Lease | Failure | null> {
    this.#moveTurn(ticket);
    const held = this.#held.get(ticket.turn);
    // Who calls for a turn does not always know on what kind of backend it was begun.
    if (held && !held.isLost && (held.kind === ticket.kind || !this.#isKindThere(ticket))) {
      held.heardAt = this.#options.now();
      return Promise.resolve({ address: held.address, kind: held.kind });
    }
    this.#release(ticket.turn);
    this.#wait({ ...ticket, isBegun: true });
    return new Promise(resolve => {
      const answer = (given: Lease | Failure | null) => {
        clearTimeout(timer);
        // It may have asked again, and wait for that answer.
        if (this.#takers.get(ticket.turn)?.answer === answer) this.#takers.delete(ticket.turn);
        resolve(given);
      };
      const timer = setTimeout(() => answer(null), takeMs);
      this.#takers.set(ticket.turn, { id: ticket.id, answer });
    });
  }

  /**
   * Whoever computes says that it lives, and how far it is.
   * @returns false where the backend is taken for lost: somebody else should compute it
   */
  renew(ticket: Ticket, { address, kind }: Lease, step: number): boolean {
    const now = this.#options.now();
    const held = this.#held.get(ticket.turn);
    if (held?.address === address) {
      if (!held.isLost) Object.assign(held, { heardAt: now, step });
      return !held.isLost;
    }
    if ((this.#endedUntil.get(`${ticket.turn} ${address}`) ?? 0) > now) return true;
    // After a restart of this object whoever computes is the one who knows.
    this.#release(ticket.turn);
    this.#held.set(ticket.turn, { address, kind, ticket, heardAt: now, runsSince: now, step, isLost: false });
    this.#callAlike(ticket);
    return true;
  }

  /** A backend has done what it was given, or will not. */
  ended(turn: string, address: string, report: JobReport): void {
    const held = this.#held.get(turn);
    const now = this.#options.now();
    const breaker = this.#breaker(address);
    if (report.outcome === 'DONE') breaker.succeeded();
    else if (report.outcome === 'FAILED') {
      breaker.failed(now);
      this.#options.watch.doubt(address);
    } else breaker.released();
    if (report.outcome === 'FULL') this.#fullUntil.set(address, now + fullMs);
    this.#endedUntil.set(`${turn} ${address}`, now + lateMs);
    if (held?.address !== address) return;
    if (report.outcome === 'DONE' && held.runsSince !== null) {
      this.#options.pace.learn(held.ticket.paceClass, { ...report, ms: now - held.runsSince });
    }
    this.#release(turn);
  }

  place(id: string): Place {
    if (this.#queue.size < manyWait) return this.#placeNow(id);
    const now = this.#options.now();
    if (this.#known === null || now - this.#known.at > placesForMs) {
      const places = new Map([...this.#inPlaces()].map(({ ticket, place }) => [ticket.id, place]));
      this.#known = { at: now, places };
    }
    return this.#known.places.get(id) ?? this.#placeNow(id);
  }

  #placeNow(id: string): Place {
    const called = this.#called.get(id) ?? [...this.#held.values()].find(({ ticket }) => ticket.id === id)?.ticket;
    if (called && !this.#queue.has(id)) return { position: null, etaMs: this.#untilEnd(called) };
    for (const { ticket, place } of this.#inPlaces()) if (ticket.id === id) return place;
    return { position: null, etaMs: null };
  }

  /** All that waits, in its order. */
  *#inPlaces(): Generator<{ readonly ticket: Ticket; readonly place: Place }> {
    const { pace } = this.#options;
    const places = this.#places();
    let position = 0;
    let ms = [...this.#held.values()].reduce((sum, held) => sum + this.#left(held), 0);
    const seen = new Set<string>();
    for (const ticket of this.#queue.inOrder()) {
      const own = pace.of(ticket.paceClass, ticket.steps);
      yield { ticket, place: { position, etaMs: own === null ? null : Math.round(ms / places + own) } };
      // The same turn is one piece of work, however many wait for it.
      if (seen.has(ticket.turn)) continue;
      seen.add(ticket.turn);
      position++;
      ms += pace.guess(ticket.paceClass, ticket.steps);
    }
  }

  /** Milliseconds until there is likely room for one more. */
  get roomAfterMs(): number {
    const [next] = this.#queue.inOrder();
    const ms = next ? this.#options.pace.guess(next.paceClass, next.steps) / this.#places() : 0;
    return Math.round(Math.min(60_000, Math.max(1_000, ms)));
  }

  /** Gives work to whoever can take it. To be called after every change, and now and then. */
  async pump(): Promise<void> {
    const { watch, now } = this.#options;
    if (this.isIdle) {
      // What was missing when something waited may be there by now.
      this.#missing.clear();
      return;
    }
    const look = watch.look(now());
    // Nobody is to wait for a backend that does not answer: after a while those that have are given work.
    await soon(look);
    this.#giveAll();
    await look;
    this.#giveAll();
    this.#giveUp();
  }

  #giveAll(): void {
    this.#dropDead();
    for (;;) {
      const free = this.#free();
      if (free.length === 0) break;
      const ticket = this.#queue.take(each => this.#able(each, free).length > 0);
      if (ticket === null) break;
      this.#give(ticket, free);
    }
  }

  #wait(ticket: Ticket): void {
    this.#queue.add(ticket);
    if (!this.#since.has(ticket.id)) this.#since.set(ticket.id, this.#options.now());
  }

  #give(ticket: Ticket, free: readonly FreeBackend[]): void {
    const now = this.#options.now();
    this.#since.delete(ticket.id);
    const able = this.#able(ticket, free);
    const { address, kind, capacity, load } = able.reduce((a, b) =>
      b.load / b.capacity < a.load / a.capacity ? b : a,
    );
    const runsSince = load < capacity ? now : null;
    this.#held.set(ticket.turn, { address, kind, ticket, heardAt: now, runsSince, step: 0, isLost: false });
    this.#breaker(address).given(now);
    const taker = this.#takers.get(ticket.turn);
    if (taker) taker.answer({ address, kind });
    else this.#call(ticket);
    this.#callAlike(ticket);
  }

  /** All that wait for the same are called with it. */
  #callAlike({ id, turn }: Ticket): void {
    for (const other of [...this.#queue.inOrder()]) {
      if (other.turn !== turn) continue;
      this.#queue.remove(other.id);
      this.#since.delete(other.id);
      if (other.id !== id) this.#call(other);
    }
  }

  /**
   * What goes on from another's steps is decided when it is called, and is another turn than the one that was called:
   * that one's backend is for it, unless others still want what it was given for.
   */
  #moveTurn(ticket: Ticket): void {
    const called = this.#called.get(ticket.id);
    if (!called || called.turn === ticket.turn) return;
    this.#called.set(ticket.id, ticket);
    const held = this.#held.get(called.turn);
    if (!held || [...this.#called.values()].some(({ turn }) => turn === called.turn)) return;
    if (this.#held.has(ticket.turn)) this.#release(called.turn);
    else {
      this.#held.delete(called.turn);
      this.#held.set(ticket.turn, { ...held, ticket });
    }
  }

  #call(ticket: Ticket): void {
    this.#called.set(ticket.id, ticket);
    this.#options.call(ticket, null);
  }

  /** Those that can take it: of the kind that has begun it, as long as one of that kind is there and well, busy or not. */
  #able(ticket: Ticket, free: readonly FreeBackend[]): readonly FreeBackend[] {
    const able = free.filter(({ digests }) => digests.has(ticket.checkpoint));
    return this.#isKindThere(ticket) ? able.filter(({ kind }) => kind === ticket.kind) : able;
  }

  #isKindThere({ checkpoint, kind = null }: Ticket): boolean {
    const { watch, now } = this.#options;
    if (kind === null) return false;
    return watch.addresses.some(address => {
      const state = watch.seen(address)?.state;
      return state?.kind === kind && state.digests.has(checkpoint) && this.#breaker(address).state(now()) === 'CLOSED';
    });
  }

  /** The backends that can be given something now. */
  #free(): FreeBackend[] {
    const { watch, now } = this.#options;
    return watch.addresses.flatMap(address => {
      const seen = watch.seen(address);
      const breaker = this.#breaker(address).state(now());
      const isFull = (this.#fullUntil.get(address) ?? 0) > now();
      if (!seen?.state || isFull || watch.isAsked(address) || breaker === 'OPEN') return [];
      const load = this.#loadOf(address);
      const room = breaker === 'HALF_OPEN' ? 1 : seen.capacity + Math.min(ahead, seen.queueLimit);
      const { digests, kind } = seen.state;
      return load < room ? [{ address, digests, kind, capacity: seen.capacity, load }] : [];
    });
  }

  #loadOf(address: string): number {
    return [...this.#held.values()].filter(held => held.address === address).length;
  }

  #release(turn: string): void {
    const held = this.#held.get(turn);
    if (!held) return;
    this.#held.delete(turn);
    this.#breaker(held.address).released();
    const capacity = this.#options.watch.seen(held.address)?.capacity ?? 1;
    const others = [...this.#held.values()].filter(({ address }) => address === held.address);
    const next = others.find(({ runsSince }) => runsSince === null);
    if (next && others.filter(({ runsSince }) => runsSince !== null).length < capacity) {
      next.runsSince = this.#options.now();
    }
  }

  /** Of those who died nothing will be heard; those whose backend died are told so when they ask. */
  #dropDead(): void {
    const { watch, now } = this.#options;
    for (const [of, until] of this.#endedUntil) if (until <= now()) this.#endedUntil.delete(of);
    for (const [turn, held] of this.#held) {
      if (now() - held.heardAt > leaseMs) this.#release(turn);
      else if (watch.silence(held.address, now()) > lostMs && now() - held.heardAt < leaseMs) held.isLost = true;
    }
  }

  /** Work that no backend will do is not to wait for ever. */
  #giveUp(): void {
    const { watch, now, call, patienceMs } = this.#options;
    if (now() - this.#gaveUpAt < giveUpEveryMs) return;
    this.#gaveUpAt = now();
    const seen = watch.addresses.map(address => watch.seen(address)?.state ?? null);
    const areAllThere = seen.length > 0 && seen.every(state => state !== null);
    const waiting = [...this.#queue.inOrder()];
    for (const checkpoint of [...this.#missing.keys()]) {
      const isThere = seen.some(state => state?.digests.has(checkpoint));
      if (isThere || !waiting.some(ticket => ticket.checkpoint === checkpoint)) this.#missing.delete(checkpoint);
    }
    for (const ticket of waiting) {
      const { checkpoint } = ticket;
      if (seen.some(state => state?.digests.has(checkpoint))) continue;
      const since = this.#missing.get(checkpoint) ?? now();
      this.#missing.set(checkpoint, since);
      const waits = now() - Math.max(since, this.#since.get(ticket.id) ?? since);
      if (!areAllThere && waits < patienceMs) continue;
      this.#queue.remove(ticket.id);
      this.#since.delete(ticket.id);
      this.#called.delete(ticket.id);
      const message = areAllThere ? 'No GPU backend has this checkpoint any more' : 'No GPU backend answers';
      const failure: Failure = { code: 'BACKEND_UNAVAILABLE', message, stage: 'QUEUE', retryable: true };
      // Whoever computes tells all that wait for it; nobody else knows them.
      const taker = this.#takers.get(ticket.turn);
      if (taker) taker.answer(failure);
      else call(ticket, failure);
    }
  }

  /** Jobs that run at the same time on all backends that answer. */
  #places(): number {
    const { watch } = this.#options;
    const seen = watch.addresses.map(address => watch.seen(address)).filter(each => each?.state);
    return Math.max(
      1,
      seen.reduce((sum, each) => sum + each!.capacity, 0),
    );
  }

  #untilEnd({ turn, paceClass }: Ticket): number | null {
    const held = this.#held.get(turn);
    if (!held || this.#options.pace.of(paceClass, 1) === null) return null;
    return Math.round(this.#left(held));
  }

  /** Milliseconds that are left of something that was given. */
  #left({ ticket, step, runsSince, heardAt }: Held): number {
    const whole = this.#options.pace.guess(ticket.paceClass, ticket.steps);
    if (runsSince === null) return whole;
    const now = this.#options.now();
    // It has gone on since it was heard of.
    const bySteps = this.#options.pace.guess(ticket.paceClass, Math.max(0, ticket.steps - step)) - (now - heardAt);
    return Math.max(0, step === 0 ? whole - (now - runsSince) : bySteps);
  }

  #breaker(address: string): Breaker {
    let breaker = this.#breakers.get(address);
    if (!breaker) {
      breaker = new Breaker();
      this.#breakers.set(address, breaker);
    }
    return breaker;
  }
}

/** Settles with the promise, or after a while without it. */
async function soon(promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise(resolve => {
    timer = setTimeout(resolve, soonMs);
  });
  await Promise.race([promise, pause]);
  if (timer !== undefined) clearTimeout(timer);
}

interface FreeBackend {
  readonly address: string;
  readonly digests: ReadonlySet<string>;
  readonly kind: string;
  readonly capacity: number;
  readonly load: number;
}
