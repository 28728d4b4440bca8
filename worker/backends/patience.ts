/** Waiting for a backend that will take a job. */
import { RetryLater } from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendPool, ReadyBackend } from './pool.ts';

/** A supervisor starts a backend that died within this time; a job that is already accepted can wait so long. */
const patienceMs = 10_000;
/** Backends that are full are at work, and a full queue is refused before it is accepted: this one's turn will come. */
const queuePatienceMs = 10 * 60_000;
const pauseMs = 250;

/**
 * Gives `work` a backend. When none is there, all are full, or one refuses before it began, it asks again for a while.
 * @param work says whether it has begun: from then on its errors are final
 * @throws what the last attempt threw
 */
export async function withBackend<T>(
  pool: BackendPool,
  checkpointDigest: string,
  work: (backend: ReadyBackend, begun: () => void) => Promise<T>,
): Promise<T> {
  const began = Date.now();
  for (;;) {
    let hasBegun = false;
    try {
      return await work(await pool.choose(checkpointDigest), () => {
        hasBegun = true;
      });
    } catch (error) {
      const patience = isFull(error) ? queuePatienceMs : patienceMs;
      if (hasBegun || !isPassing(error) || Date.now() - began >= patience) throw error;
      await new Promise(resolve => setTimeout(resolve, pauseMs));
    }
  }
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
