import { beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { LatentStore, type NewLatent } from './latent-store.ts';

const key = 'e'.repeat(64);

/** What one backend makes of a request; another may round differently. */
function made(value: number): NewLatent {
  return {
    key,
    latent: { data: new Float32Array(4).fill(value), dims: [1, 2, 2] },
    pixels: { data: new Uint8Array(12).fill(value), width: 2, height: 2 },
    checkpointDigest: 'c'.repeat(64),
    generationId: `generation ${value}`,
  };
}

const warned = vi.spyOn(console, 'warn');
beforeEach(() => {
  warned.mockReset().mockImplementation(() => {});
});

async function store() {
  const { bucket, blobs } = memoryR2();
  return { latents: new LatentStore(bucket, await memoryD1()), bucket, blobs };
}

async function whatIsKept(latents: LatentStore) {
  const latent = (await latents.find(key))!;
  // Throws when the blob is not the row's.
  await latents.file(latent);
  return { of: latent.generationId, pixel: (await latents.pixels(key)).data[0] };
}

describe('LatentStore', () => {
  it('keeps the first with a key, with the pixels that belong to it', async () => {
    const { latents } = await store();
    await latents.save(made(1));
    await latents.save(made(2));
    expect(await whatIsKept(latents)).toEqual({ of: 'generation 1', pixel: 1 });
  });

  it('keeps the one whose row came first when two are saved at once, whoever wrote last', async () => {
    const { latents, bucket } = await store();
    const put = bucket.put;
    let first: Promise<void> | null = null;
    bucket.put = async (name, bytes) => {
      // Neither has seen a row of the other by now. The second puts when the first is done.
      if (first === null) {
        first = Promise.resolve();
        first = latents.save(made(1));
        await first;
      }
      return put(name, bytes);
    };
    await latents.save(made(2));
    expect(await whatIsKept(latents)).toEqual({ of: 'generation 1', pixel: 1 });
    expect(warned).toHaveBeenCalledOnce();
  });

  it('reports a key that was made again with other bytes, without a word of the prompt', async () => {
    const { latents } = await store();
    await latents.save(made(1));
    await latents.save({ ...made(1), generationId: 'again' });
    expect(warned).not.toHaveBeenCalled();
    await latents.save(made(2));
    expect(JSON.parse(warned.mock.calls[0]![0])).toMatchObject({ level: 'warn', key, kept: expect.any(String) });
  });

  it('names blobs by what they hold', async () => {
    const { latents, blobs } = await store();
    await latents.save(made(1));
    const { digest } = (await latents.find(key))!;
    expect([...blobs.keys()].sort()).toEqual([
      `latents/${digest}-1x2x2.safetensors`,
      expect.stringMatching(/^pixels\/[0-9a-f]{64}-2x2x3\.safetensors$/),
    ]);
  });
});
