/** Who is computed next, and where. */
import type { Failure } from '../../schema/context.ts';
import type { BackendWatch } from './backend-watch.ts';
import { Estimates } from './estimates.ts';
import { FairQueue } from './fair-queue.ts';
import { Fleet, type FreeBackend } from './fleet.ts';
import type { Held, Lease } from './held.ts';
import type { Pace } from './pace.ts';
import type { Place, Ticket } from './ticket.ts';

/** Who was given a backend and is not heard of for so long has died. */
const leaseMs = 30_000;
/** A backend that is not heard of for so long has lost what it was given. */
const lostMs = 15_000;
/** How long one question for a backend waits for its answer. */
const takeMs = 15_000;
/** All that waits is looked at, to find what waits in vain, no more often than so. */
const giveUpEveryMs = 500;
/** A backend that is well answers within so long. */
const soonMs = 200;
/** A message that tells of what has ended does not come later than so. */
const lateMs = 10_000;

/** How it went on a backend. */
export interface JobReport {
  /** FAILED: as the backend does. FULL: it took none. GIVEN_BACK: for reasons that are not the backend's. */
  readonly outcome: 'DONE' | 'FAILED' | 'FULL' | 'GIVEN_BACK';
  readonly steps: number;
  /** Milliseconds that the steps took. */
  readonly stepMs: number;
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
  /** Since when no backend has a checkpoint. */
  readonly #missing = new Map<string, number>();
  /** Since when each ticket waits, by its id. */
  readonly #since = new Map<string, number>();
  /** Until when a renewal of a turn on an address comes too late: what it tells of has ended. */
  readonly #endedUntil = new Map<string, number>();
  readonly #fleet: Fleet;
  readonly #estimates: Estimates;
  #gaveUpAt = Number.NEGATIVE_INFINITY;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { watch, pace, now } = options;
    this.#fleet = new Fleet({ watch, now, loadOf: address => this.#loadOf(address) });
    const places = () => this.#fleet.places;
    this.#estimates = new Estimates({ queue: this.#queue, held: this.#held, pace, now, places });
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
    if (held && !held.isLost && (held.kind === ticket.kind || !this.#fleet.isKindThere(ticket))) {
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
    this.#fleet.ended(address, report.outcome);
    this.#endedUntil.set(`${turn} ${address}`, now + lateMs);
    if (held?.address !== address) return;
    if (report.outcome === 'DONE' && held.runsSince !== null) {
      this.#options.pace.learn(held.ticket.paceClass, { ...report, ms: now - held.runsSince });
    }
    this.#release(turn);
  }

  place(id: string): Place {
    const called = this.#called.get(id) ?? [...this.#held.values()].find(({ ticket }) => ticket.id === id)?.ticket;
    return this.#estimates.of(id, called ?? null);
  }

  /** Milliseconds until there is likely room for one more. */
  get roomAfterMs(): number {
    return this.#estimates.roomAfterMs;
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
      const free = this.#fleet.free();
      if (free.length === 0) break;
      const ticket = this.#queue.take(each => this.#fleet.able(each, free).length > 0);
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
    const able = this.#fleet.able(ticket, free);
    const { address, kind, capacity, load } = able.reduce((a, b) =>
      b.load / b.capacity < a.load / a.capacity ? b : a,
    );
    const runsSince = load < capacity ? now : null;
    this.#held.set(ticket.turn, { address, kind, ticket, heardAt: now, runsSince, step: 0, isLost: false });
    this.#fleet.breaker(address).given(now);
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

  #loadOf(address: string): number {
    return [...this.#held.values()].filter(held => held.address === address).length;
  }

  #release(turn: string): void {
    const held = this.#held.get(turn);
    if (!held) return;
    this.#held.delete(turn);
    this.#fleet.breaker(held.address).released();
    const capacity = this.#fleet.capacityOf(held.address);
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
    const { now, call, patienceMs } = this.#options;
    if (now() - this.#gaveUpAt < giveUpEveryMs) return;
    this.#gaveUpAt = now();
    const seen = this.#fleet.states;
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
