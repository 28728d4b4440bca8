/** One image that is made once for all who want it now. */
import type { Failure } from '../../schema/context.ts';
import { interrupted } from '../generations/ending.ts';
import type { Made } from './develop-image.ts';
import type { Report } from './report.ts';

/** Who has not asked for so long wants it no longer: a generation asks again and again while it waits. */
const leaseMs = 30_000;
/** How long one question waits for news. */
const pollMs = 10_000;

export type Outcome =
  | { readonly kind: 'made'; readonly made: Made }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** All that there is to know: who has missed one is right again after the next. */
export interface Snapshot {
  /** Grows with every change. */
  readonly version: number;
  readonly report: Report;
  /** Whether it is made for this waiter; to the others it comes for nothing. */
  readonly isFirst: boolean;
  /** Null until the end. */
  readonly outcome: Outcome | null;
}

/** @throws what ended it, or the signal's reason */
export type Develop = (signal: AbortSignal, tell: (report: Report) => void) => Promise<Made>;

/**
 * Lives in memory alone, and so does the lease that each waiter has on it: with the process go both, and whoever asks
 * next begins anew. There is no lock that somebody dead could hold.
 */
export class Development {
  readonly #stop = new AbortController();
  /** When each was last heard of, in the order in which they came. */
  readonly #waiters = new Map<string, number>();
  #news: PromiseWithResolvers<void> = Promise.withResolvers();
  #version = 0;
  #report: Report;
  #outcome: Outcome | null = null;
  #isSilent = false;
  readonly #leases: ReturnType<typeof setInterval>;
  /** Settles when the work has stopped, whoever still waits. */
  readonly ended: Promise<void>;

  constructor(before: Report, develop: Develop, failureOf: (error: unknown, report: Report) => Failure) {
    this.#report = before;
    this.#leases = setInterval(() => this.#dropSilent(), leaseMs / 2);
    const work = develop(this.#stop.signal, report => {
      this.#report = report;
      this.#changed();
    });
    this.ended = work
      .then(
        (made): Outcome => ({ kind: 'made', made }),
        (error): Outcome => ({
          kind: 'failed',
          failure: this.isAbandoned ? interrupted : failureOf(error, this.#report),
        }),
      )
      .then(outcome => {
        clearInterval(this.#leases);
        this.#outcome = outcome;
        this.#changed();
      });
  }

  /** Whether one who comes now is still in time. */
  get isOpen(): boolean {
    return this.#outcome === null && !this.#stop.signal.aborted;
  }

  get isAbandoned(): boolean {
    return this.#waiters.size === 0;
  }

  get isFailed(): boolean {
    return this.#outcome?.kind === 'failed';
  }

  /** Whether nobody is left, and the last one did not say that it leaves. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Whether one still waits: who was not heard of for too long is taken for gone. */
  has(waiter: string): boolean {
    return this.#waiters.has(waiter);
  }

  /** Answers as soon as there is something newer than `seen`, or after a while. */
  async watch(waiter: string, seen: number, now = Date.now()): Promise<Snapshot> {
    this.#waiters.set(waiter, now);
    if (this.#version <= seen && this.#outcome === null) await this.#newsOrPause();
    const [first] = this.#waiters.keys();
    return { version: this.#version, report: this.#report, isFirst: first === waiter, outcome: this.#outcome };
  }

  /** The last one to leave stops the work; the others do not notice. */
  leave(waiter: string): void {
    this.#waiters.delete(waiter);
    if (this.isAbandoned) this.#stop.abort();
    this.#changed();
  }

  #dropSilent(now = Date.now()): void {
    for (const [waiter, heard] of this.#waiters) {
      if (now - heard <= leaseMs) continue;
      this.#isSilent = this.#waiters.size === 1;
      this.leave(waiter);
    }
  }

  #changed(): void {
    this.#version++;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #newsOrPause(): Promise<void> {
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, pollMs);
    await Promise.race([this.#news.promise, pause.promise]);
    clearTimeout(timer);
  }
}
