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

/** Somebody who waits for a generation, until they are gone. */
export interface Caller {
  /** Aborted when they are. */
  readonly gone: AbortSignal;
  /** To be called when a body cannot be written to them any more. */
  readonly leave: () => void;
}

/**
 * When the caller has gone, nobody else knows of the generation, so it is stopped. What was made for others too goes on for
 * them. Who gave an `Idempotency-Key` means to ask again, and shall find it further on.
 *
 * Cloudflare's network tells of it by the request's signal. Where no network stands before the worker, a caller that has
 * closed its side is noticed only by writing to it: `leave` is for that.
 */
export function callerOf(id: string, { request, services, waitUntil }: RestRequest): Caller {
  const going = new AbortController();
  const leave = () => {
    if (going.signal.aborted) return;
    going.abort();
    if (request.headers.has('idempotency-key')) return;
    const log = (error: unknown) => void logUnexpected(error, 'generation of a caller that left');
    waitUntil(services.generations.cancel(id).catch(log));
  };
  request.signal.addEventListener('abort', leave);
  return { gone: going.signal, leave };
}

/**
 * The generation when it has succeeded, however long that takes.
 * @param gone aborted when nobody waits any more
 * @throws EndedWithout where it ends without all of its images
 */
export async function succeeded(
  created: GenerationState,
  generations: Pick<GenerationService, 'wait'>,
  gone: AbortSignal,
): Promise<GenerationState> {
  let state: GenerationState | null = created;
  while (state !== null && !hasEnded(state.status) && !gone.aborted) {
    const began = Date.now();
    state = await generations.wait(created.id, MAX_WAIT_MS);
    // Where its object is being restarted, the answer comes at once.
    const isEarly = state !== null && !hasEnded(state.status) && Date.now() - began < pauseMs;
    if (isEarly) await new Promise(resolve => setTimeout(resolve, pauseMs));
  }
  if (state?.status !== 'SUCCEEDED') throw new EndedWithout(state);
  return state;
}
