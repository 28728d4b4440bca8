/** The durable generation that a request of another interface creates and waits for. */
import type { GenerationService, GenerationState } from '../../schema/context.ts';
import { generate } from '../../schema/generate.ts';
import { type GenerateInput, MAX_WAIT_MS } from '../../schema/generate-input.ts';
import { hasEnded } from '../../schema/generation-status.ts';
import { readGenerateInput } from '../../schema/read-generate-input.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { EndedWithout } from './fault.ts';
import type { RestRequest } from './rest-request.ts';

/** Between two looks at one that cannot be waited for. */
const pauseMs = 1_000;

/**
 * Creates a generation as the mutation `generate` does. With an `Idempotency-Key` header, one that was made before.
 * @throws InputError, PromptError, RequestError, RetryLater
 */
export async function createGeneration(
  values: Readonly<Partial<Record<keyof GenerateInput, unknown>>>,
  { request, services }: RestRequest,
): Promise<GenerationState> {
  const idempotencyKey = request.headers.get('idempotency-key');
  const input = readGenerateInput({ ...values, ...(idempotencyKey !== null && { idempotencyKey }) });
  const { generation } = await generate(input, { services, reportFault: logUnexpected });
  return generation;
}

/**
 * What to do when a caller has gone: nobody else knows of the generation, so it is stopped. What was made for others too
 * goes on for them. Who gave an `Idempotency-Key` means to ask again, and shall find it further on.
 */
export function abandon(id: string, { request, services, waitUntil }: RestRequest): void {
  if (request.headers.has('idempotency-key')) return;
  waitUntil(
    services.generations
      .cancel(id)
      .catch((error: unknown) => void logUnexpected(error, 'generation of a caller that left')),
  );
}

/**
 * The generation when it has succeeded, however long that takes.
 * @param left aborted when nobody waits any more
 * @throws EndedWithout where it ends without all of its images
 */
export async function succeeded(
  created: GenerationState,
  generations: Pick<GenerationService, 'wait'>,
  left: AbortSignal,
): Promise<GenerationState> {
  let state: GenerationState | null = created;
  while (state !== null && !hasEnded(state.status) && !left.aborted) {
    const began = Date.now();
    state = await generations.wait(created.id, MAX_WAIT_MS);
    // Where its object is being restarted, the answer comes at once.
    const isEarly = state !== null && !hasEnded(state.status) && Date.now() - began < pauseMs;
    if (isEarly) await new Promise(resolve => setTimeout(resolve, pauseMs));
  }
  if (state?.status !== 'SUCCEEDED') throw new EndedWithout(state);
  return state;
}
