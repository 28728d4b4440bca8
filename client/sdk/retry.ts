/** Trying again, where that is safe and may help. */
import { ConnectionError, type DarkroomError, isDarkroomError, ProtocolError, RetryLaterError } from './errors.ts';
import { backoff, pause } from './pause.ts';

export interface RetryOptions {
  /** How long to go on trying, in milliseconds; 0: not at all. */
  readonly patienceMs: number;
  /**
   * Whether the request may be sent again when nobody knows what became of it. What the server has refused for now was not
   * done: that is always tried again.
   */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does something until it succeeds, is refused for good, or patience ends: with as much time in between as the server asks
 * for, else a little more each time.
 *
 * @throws what the last try threw; the signal's reason
 */
export async function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { patienceMs, repeatable, signal } = options;
  const until = performance.now() + patienceMs;
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isDarkroomError(error)) throw error;
      const wait = waitFor(error, repeatable, failures);
      if (wait === null || performance.now() + wait > until) throw error;
      await pause(wait, signal);
    }
  }
}

/** In milliseconds; null where another try would be wrong, or end alike. */
function waitFor(error: DarkroomError, repeatable: boolean, failures: number): number | null {
  // A crowd that was sent away together is not to come back together.
  if (error instanceof RetryLaterError) return error.retryAfterMs * (1 + Math.random() / 10);
  if (!repeatable) return null;
  return isTransient(error) ? backoff(failures) : null;
}

/** Whether the way to the server failed, not what was asked. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof ConnectionError ||
    (error instanceof ProtocolError && [408, 429, 502, 503, 504].includes(error.status))
  );
}
