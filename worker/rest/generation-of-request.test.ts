import { describe, expect, it } from 'vitest';
import type { GenerationState } from '../../schema/context.ts';
import { memoryServices } from '../../schema/testing/services.ts';
import { EndedWithout } from './fault.ts';
import { callerOf, createGeneration, succeeded } from './generation-of-request.ts';

function rest(headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  const request = new Request('http://darkroom.test/v1/images/generations', { headers, signal: leaving.signal });
  const promises: Promise<unknown>[] = [];
  const services = memoryServices();
  const waitUntil = (promise: Promise<unknown>) => void promises.push(promise);
  return { request, url: new URL(request.url), services, waitUntil, promises, hangUp: () => leaving.abort() };
}

describe('a caller that has gone', () => {
  it.each(['hangUp', 'leave'] as const)('has its generation stopped, once: %s', async how => {
    const asked = rest();
    const { id } = await createGeneration({ prompt: 'a dog' }, asked);
    const caller = callerOf(id, asked);
    expect(caller.gone.aborted).toBe(false);
    if (how === 'hangUp') asked.hangUp();
    caller.leave();
    expect(caller.gone.aborted).toBe(true);
    expect(asked.promises).toHaveLength(1);
    await Promise.all(asked.promises);
    expect((await asked.services.generations.find(id))!.status).toBe('CANCELLED');
  });

  it('finds it again where it has an idempotency key', async () => {
    const asked = rest({ 'idempotency-key': 'k' });
    const { id } = await createGeneration({ prompt: 'a dog' }, asked);
    callerOf(id, asked).leave();
    expect(asked.promises).toEqual([]);
    expect((await createGeneration({ prompt: 'a dog' }, asked)).id).toBe(id);
  });
});

describe('succeeded', () => {
  const nobodyLeaves = new AbortController().signal;
  const state = (status: string) => ({ id: 'g', status, failure: null }) as unknown as GenerationState;
  const answering = (...statuses: (string | null)[]) => ({
    wait: async () => {
      const status = statuses.shift() ?? null;
      return status === null ? null : state(status);
    },
  });

  it('waits until it has', async () => {
    expect(await succeeded(state('QUEUED'), answering('DENOISING', 'SUCCEEDED'), nobodyLeaves)).toMatchObject({
      status: 'SUCCEEDED',
    });
  });

  it.each([
    [['CANCELLED'], /was cancelled/],
    [[null], /was deleted/],
  ])('throws when it ends as %j', async (statuses, message) => {
    const ending = succeeded(state('QUEUED'), answering(...statuses), nobodyLeaves);
    await expect(ending).rejects.toThrow(EndedWithout);
    await expect(succeeded(state('QUEUED'), answering(...statuses), nobodyLeaves)).rejects.toThrow(message);
  });

  it('does not ask on behalf of one who has gone', async () => {
    const waiting = succeeded(state('QUEUED'), answering('SUCCEEDED'), AbortSignal.abort());
    await expect(waiting).rejects.toThrow(EndedWithout);
  });
});
