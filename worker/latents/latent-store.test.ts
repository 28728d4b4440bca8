import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LatentPage } from '../../schema/context.ts';
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
  return { of: (await latents.tensor(key)).data[0], pixel: (await latents.pixels(key))?.data[0] };
}

describe('LatentStore', () => {
  it('keeps the first with a key, with the pixels that belong to it', async () => {
    const { latents } = await store();
    await latents.save(made(1));
    await latents.save(made(2));
    expect(await whatIsKept(latents)).toEqual({ of: 1, pixel: 1 });
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
    expect(await whatIsKept(latents)).toEqual({ of: 1, pixel: 1 });
    expect(warned).toHaveBeenCalledOnce();
  });

  it('reports a key that was made again with other bytes, without a word of the prompt', async () => {
    const { latents } = await store();
    await latents.save(made(1));
    await latents.save(made(1));
    expect(warned).not.toHaveBeenCalled();
    await latents.save(made(2));
    expect(JSON.parse(warned.mock.calls[0]![0])).toMatchObject({ level: 'warn', key, kept: expect.any(String) });
  });

  it('keeps a latent that nobody has looked at, and then what it looks like', async () => {
    const { latents } = await store();
    await latents.save({ ...made(1), pixels: null });
    expect(await latents.find(key)).toMatchObject({ generationId: null, isDecoded: false });
    expect(await latents.pixels(key)).toBeNull();
    expect(await latents.tensor(key)).toEqual(made(1).latent);
    const { pixels } = made(3);
    await latents.keepPixels(key, pixels!);
    // What was seen once is seen for ever.
    await latents.keepPixels(key, made(4).pixels!);
    expect(await latents.find(key)).toMatchObject({ isDecoded: true });
    expect(await latents.pixels(key)).toEqual(pixels);
  });

  it('refuses numbers that are not those that were stored', async () => {
    const { latents, blobs } = await store();
    await latents.save(made(1));
    const [name] = [...blobs.keys()].filter(name => name.startsWith('latents/'));
    blobs.get(name!)!.fill(0, -4);
    await expect(latents.tensor(key)).rejects.toThrow('does not have the digest');
    await expect(latents.file({ key })).rejects.toThrow('does not have the digest');
  });

  it('drops what is damaged, and takes it again', async () => {
    const { latents, blobs } = await store();
    await latents.save({ ...made(1), score: 0.5 });
    expect(await latents.intact(key)).toEqual({ key, hasPixels: true, madeWith: null, score: 0.5 });
    const named = (folder: string) => [...blobs.keys()].find(name => name.startsWith(folder))!;

    blobs.get(named('pixels/'))!.fill(9, -4);
    expect(await latents.intact(key)).toMatchObject({ hasPixels: false });
    expect(await latents.pixels(key)).toBeNull();
    await latents.keepPixels(key, made(1).pixels!);
    expect(await latents.intact(key)).toMatchObject({ hasPixels: true });

    const name = named('latents/');
    blobs.get(name)!.fill(9, -4);
    expect(await latents.intact(key)).toBeNull();
    expect(blobs.has(name)).toBe(false);
    await latents.save(made(1));
    expect(await latents.intact(key)).toMatchObject({ hasPixels: true });
    expect(warned.mock.calls.map(([line]) => JSON.parse(line).event)).toEqual(Array(2).fill('damaged entry dropped'));
  });

  it('lists them by time, all of them or one checkpoint’s, in both directions', async () => {
    const { latents } = await store();
    vi.useFakeTimers();
    for (const [i, second] of [5, 3, 3, 4].entries()) {
      vi.setSystemTime(second * 1_000);
      const of = { key: String(i).repeat(64), checkpointDigest: i === 0 ? 'a' : 'b' };
      await latents.save({ ...made(i), ...of });
    }
    vi.useRealTimers();
    const page = { checkpointDigest: null, limit: 10, after: null, before: null, reverse: false };
    const keys = async (change: Partial<LatentPage>) =>
      (await latents.list({ ...page, ...change })).map(latent => latent.key[0]).join('');
    expect(await keys({})).toBe('0321');
    expect(await keys({ checkpointDigest: 'b', limit: 2 })).toBe('32');
    const [, place] = await latents.list({ ...page, checkpointDigest: 'b' });
    expect(await keys({ after: place! })).toBe('1');
    expect(await keys({ before: place!, reverse: true })).toBe('30');
    expect([await latents.count(null), await latents.count('b'), await latents.count('c')]).toEqual([4, 3, 0]);
  });

  it('names blobs by what they hold and whose they are, and leaves none of who came second', async () => {
    const { latents, blobs } = await store();
    await Promise.all([latents.save(made(1)), latents.save(made(1))]);
    const { digest } = (await latents.find(key))!;
    expect([...blobs.keys()].sort()).toEqual([
      expect.stringMatching(new RegExp(`^latents/${digest}-1x2x2-[0-9a-f-]{36}\\.safetensors$`)),
      expect.stringMatching(/^pixels\/[0-9a-f]{64}-2x2x3-[0-9a-f-]{36}\.safetensors$/),
    ]);
    expect(await latents.intact(key)).toMatchObject({ hasPixels: true });
    await latents.save({ ...made(1), key: 'b'.repeat(64) });
    expect(blobs.size).toBe(4);
  });
});
