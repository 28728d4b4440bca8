/** Short work for somebody who waits for the answer. */
import type { Tensor } from '../../models/runtime.ts';
import { RetryLater } from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { Plan } from '../../wire/plan.ts';
import { type BackendPool, queueFull } from './pool.ts';

const patienceMs = 60_000;
const retryAfterMs = 2_000;

/**
 * Runs a plan on the least loaded backend that has its checkpoint, once.
 * @returns what the plan returns, by name
 * @throws RetryLater where no backend does it now
 * @throws BackendError where a backend cannot
 */
export async function runNow(
  pool: Pick<BackendPool, 'choose'>,
  plan: Plan,
  tensors: Readonly<Record<string, Tensor>>,
): Promise<ReadonlyMap<string, Tensor>> {
  const { client } = await pool.choose(plan.checkpoint);
  const made = new Map<string, Tensor>();
  try {
    for await (const frame of client.run(plan, tensors, AbortSignal.timeout(patienceMs))) {
      for (const [name, tensor] of frame.tensors) made.set(name, tensor);
    }
    const missing = plan.returns.find(name => !made.has(name));
    if (missing !== undefined) throw new BackendUnreachable(`the backend ended without ${missing}`);
  } catch (error) {
    throw laterOf(error);
  }
  return made;
}

function laterOf(error: unknown): unknown {
  if (error instanceof BackendError && error.code === 'queue_full') return queueFull();
  const isPassing =
    error instanceof BackendUnreachable ||
    (error instanceof BackendError && error.retryable) ||
    (error instanceof DOMException && error.name === 'TimeoutError');
  if (!isPassing) return error;
  return new RetryLater('BACKEND_UNAVAILABLE', 'No GPU backend had the answer in time', retryAfterMs);
}
