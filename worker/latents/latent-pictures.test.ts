import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import { RetryLater } from '../../schema/context.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { Plan } from '../../wire/plan.ts';
import type { ReadyBackend } from '../backends/pool.ts';
import { LatentPictures } from './latent-pictures.ts';
import { LatentStore } from './latent-store.ts';

const key = 'e'.repeat(64);
const checkpointDigest = 'c'.repeat(64);
const pixels: Tensor = { data: Uint8Array.from({ length: 24 }, (_, i) => i), dims: [1, 2, 4, 3] };

/** A backend that decodes every latent to the same picture, or fails. */
async function darkroom(fault: Error | null = null) {
  const store = new LatentStore(memoryR2().bucket, await memoryD1());
  const latent = { data: Float32Array.of(1, 2), dims: [1, 1, 2] };
  await store.save({ key, latent, pixels: null, checkpointDigest });
  const asked: unknown[] = [];
  const client = {
    async *run(plan: Plan, { latent }: { latent: Tensor }) {
      asked.push([plan.checkpoint, plan.stages, latent.dims]);
      if (fault) throw fault;
      yield { header: { kind: 'result' }, tensors: new Map([['pixels', pixels]]) };
    },
  };
  const pool = { choose: async () => ({ client }) as unknown as ReadyBackend };
  return { store, asked, pictures: new LatentPictures(store, pool) };
}

describe('LatentPictures', () => {
  it('decodes a latent when somebody first looks, and no more', async () => {
    const { pictures, asked, store } = await darkroom();
    for (let i = 0; i < 2; i++) {
      expect(await pictures.pixels(key)).toEqual({ data: pixels.data, width: 4, height: 2 });
    }
    expect(asked).toEqual([[checkpointDigest, [{ stage: 'DECODE' }], [1, 1, 1, 2]]]);
    expect(await store.find(key)).toMatchObject({ isDecoded: true });
  });

  it.each([
    ['is lost', new BackendUnreachable('gone'), 'BACKEND_UNAVAILABLE'],
    ['is stopped', new BackendError({ code: 'stopping', message: 'bye', retryable: true }), 'BACKEND_UNAVAILABLE'],
    ['is full', new BackendError({ code: 'queue_full', message: 'full', retryable: true }), 'QUEUE_FULL'],
    ['is slow', new DOMException('slow', 'TimeoutError'), 'BACKEND_UNAVAILABLE'],
  ])('asks to come back when the backend %s, and keeps nothing', async (_, fault, code) => {
    const { pictures, store } = await darkroom(fault);
    const error = await pictures.pixels(key).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RetryLater);
    expect(error).toMatchObject({ code });
    expect(await store.find(key)).toMatchObject({ isDecoded: false });
  });
});
