/** A backend that fails again and again is left alone for a while: a circuit breaker (Nygard, "Release It!", 2007). */

/** So many failures in a row, and no more work is given. */
const mostFailures = 3;
/** How long it is left alone: twice as long each time, in milliseconds. */
const firstPauseMs = 2_000;
const longestPauseMs = 60_000;

export class Breaker {
  #failures = 0;
  #pauses = 0;
  #openUntil = 0;
  #isProbing = false;

  /** Closed: all may pass; open: nobody; half open: one, to see. */
  state(now: number): 'CLOSED' | 'OPEN' | 'HALF_OPEN' {
    if (this.#failures < mostFailures) return 'CLOSED';
    return now < this.#openUntil || this.#isProbing ? 'OPEN' : 'HALF_OPEN';
  }

  /** One is given work. Of a breaker that is half open, it is the one that shows whether it may be closed. */
  given(now: number): void {
    if (this.state(now) === 'HALF_OPEN') this.#isProbing = true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pauses = 0;
    this.#isProbing = false;
  }

  failed(now: number): void {
    this.#failures++;
    this.#isProbing = false;
    // What was given before it opened, and fails with the rest, tells nothing new.
    if (this.#failures < mostFailures || now < this.#openUntil) return;
    this.#openUntil = now + Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses++);
  }

  /** It was given back without having shown anything. */
  released(): void {
    this.#isProbing = false;
  }
}
