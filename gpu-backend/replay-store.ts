/**
 * Remembers nonces for at least as long as their requests could be accepted again. Two generations, turned over once
 * per period: a nonce lives for one period at least and two at most, and forgetting costs nothing.
 */
export class ReplayStore {
  readonly #period: number;
  readonly #limit: number;
  #current = new Set<string>();
  #previous = new Set<string>();
  #turned: number;

  /**
   * @param period milliseconds that a nonce is remembered at least
   * @param limit nonces per period: memory stays bounded even if the worker goes wild
   */
  constructor(period: number, limit: number, now: number) {
    this.#period = period;
    this.#limit = limit;
    this.#turned = now;
  }

  /** Takes a nonce: `replayed` when it is known, `full` when one more cannot be remembered and so not be accepted. */
  take(nonce: string, now: number): 'fresh' | 'replayed' | 'full' {
    this.#turn(now);
    if (this.#current.has(nonce) || this.#previous.has(nonce)) return 'replayed';
    if (this.#current.size >= this.#limit) return 'full';
    this.#current.add(nonce);
    return 'fresh';
  }

  /** Milliseconds until there is room again. */
  roomIn(now: number): number {
    return Math.max(0, this.#turned + this.#period - now);
  }

  #turn(now: number): void {
    const periods = Math.floor((now - this.#turned) / this.#period);
    if (periods < 1) return;
    this.#previous = periods === 1 ? this.#current : new Set();
    this.#current = new Set();
    this.#turned += periods * this.#period;
  }
}
