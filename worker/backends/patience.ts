/** Waiting for a backend that will take a job. */
import { RetryLater } from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendPool, ReadyBackend } from './pool.ts';

/** A supervisor starts a backend that died within this time; a job that is already accepted can wait so long. */
const patienceMs = 10_000;
/** Backends that are full are at work, and no more is accepted than they take: this one's turn will come. */
const queuePatienceMs = 10 * 60_000;
/** Every waiting job asks every backend: none of them asks more often, whatever it was told. */
const leastPauseMs = 1_000;
const mostPauseMs = 15_000;

/** How far an attempt has come, as the work tells. */
export interface Attempt {
  /** The backend has it in its queue. */
  placed(): void;
  /** It runs: from now on its errors are final. */
  begun(): void;
}

/**
 * Gives `work` a backend. When none is there, all are full, or one goes away before it began, it asks again for a while.
 * Only time without a backend counts: looking for one and the pauses in between, not the time spent in a queue.
 * @throws what the last attempt threw, or the signal's reason
 */
export async function withBackend<T>(
  pool: Pick<BackendPool, 'choose'>,
  checkpointDigest: string,
  work: (backend: ReadyBackend, attempt: Attempt) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  /** Milliseconds since the last backend that had a place. */
  let alone = 0;
  let crowdedOut = 0;
  for (;;) {
    signal?.throwIfAborted();
    let hasBegun = false;
    const asked = Date.now();
    let searched: number | null = null;
    try {
      const backend = await pool.choose(checkpointDigest);
      searched = Date.now() - asked;
      return await work(backend, {
        placed() {
          alone = 0;
          crowdedOut = 0;
          searched = 0;
        },
        begun() {
          hasBegun = true;
        },
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (hasBegun || !isPassing(error)) throw error;
      searched ??= Date.now() - asked;
      const full = isFull(error);
      if (full) {
        alone = 0;
        crowdedOut += searched;
      } else alone += searched;
      const patience = full ? queuePatienceMs - crowdedOut : patienceMs - alone;
      if (patience <= 0) throw error;
      const pause = Math.ceil(Math.min(pauseAfter(error), patience));
      await new Promise(resolve => setTimeout(resolve, pause));
      if (full) crowdedOut += pause;
      else alone += pause;
    }
  }
}

/** As long as the backend says, and a little more by chance: those that were refused together do not return together. */
function pauseAfter(error: unknown): number {
  const asked = (error instanceof RetryLater || error instanceof BackendError) && error.retryAfterMs;
  return Math.min(Math.max(asked || 0, leastPauseMs), mostPauseMs) * (1 + Math.random() / 2);
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof RetryLater ||
    error instanceof BackendUnreachable ||
    (error instanceof BackendError && error.retryable)
  );
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'QUEUE_FULL' || error.code === 'queue_full');
}
