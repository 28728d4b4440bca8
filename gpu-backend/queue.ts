import { RequestRefused } from './refusal.ts';

/** A job's place, from the moment its request is accepted until it is over. */
export interface Place {
  /**
   * Waits for a free session, in the order of asking.
   * @throws the signal's reason when it aborts first
   */
  turn(signal: AbortSignal): Promise<void>;
  /** How many are before it in the line; null for one that does not wait in it. */
  readonly position: number | null;
  /** Gives the place up. Once is enough, more do no harm. */
  leave(): void;
}

/** First come, first served, and no more than `limit` in the line. */
export class JobQueue {
  readonly capacity: number;
  readonly limit: number;
  #running = 0;
  #held = 0;
  readonly #line: (() => void)[] = [];
  /** Milliseconds a job took lately: an exponential average. */
  #typical = 2000;

  /**
   * @param capacity jobs that run at the same time
   * @param limit jobs that wait beside them
   */
  constructor(capacity: number, limit: number) {
    this.capacity = capacity;
    this.limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  /** Jobs that hold a place and do not run. */
  get queued(): number {
    return this.#held - this.#running;
  }

  /**
   * A place, taken before the request's body is read: what waits in memory is bounded as well.
   * @throws RequestRefused `queue_full` saying when to come back
   */
  reserve(): Place {
    if (this.#held >= this.capacity + this.limit) {
      const message = `${this.#running} jobs run and ${this.queued} wait`;
      throw new RequestRefused('queue_full', message, { retryAfterMs: this.#retryAfter() });
    }
    this.#held++;
    return this.#place();
  }

  #place(): Place {
    let state: 'held' | 'running' | 'left' = 'held';
    let began = 0;
    let called: (() => void) | null = null;
    const begin = () => {
      state = 'running';
      began = performance.now();
      this.#running++;
    };
    const position = () => {
      const at = called ? this.#line.indexOf(called) : -1;
      return at < 0 ? null : at;
    };
    return {
      get position() {
        return position();
      },
      turn: signal => {
        signal.throwIfAborted();
        if (this.#running < this.capacity) {
          begin();
          return Promise.resolve();
        }
        return new Promise<void>((resolve, reject) => {
          const mine = () => {
            signal.removeEventListener('abort', abandon);
            begin();
            resolve();
          };
          const abandon = () => {
            this.#line.splice(this.#line.indexOf(mine), 1);
            reject(signal.reason);
          };
          signal.addEventListener('abort', abandon, { once: true });
          called = mine;
          this.#line.push(mine);
        });
      },
      leave: () => {
        if (state === 'left') return;
        this.#held--;
        if (state === 'running') {
          this.#running--;
          this.#typical += 0.2 * (performance.now() - began - this.#typical);
        }
        state = 'left';
        if (this.#running < this.capacity) this.#line.shift()?.();
      },
    };
  }

  /** Milliseconds until a place is likely free: between one second and one minute. */
  #retryAfter(): number {
    const turns = Math.ceil((this.queued + 1) / this.capacity);
    return Math.round(Math.min(60_000, Math.max(1000, turns * this.#typical)));
  }
}
