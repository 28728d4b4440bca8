import { describe, expect, it, vi } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { LatentIndex } from './latent-index.ts';
import type { Collection } from './similarity-index.ts';
import { VectorizeDouble } from './testing/vectorize-double.ts';
import { VectorFiles } from './vector-files.ts';
import { VectorizeIndex } from './vectorize-index.ts';

const checkpointDigest = 'c'.repeat(64);
const key = (digit: string) => digit.repeat(64);
const latents: Collection = { checkpointDigest, space: 'LATENT', shape: [2, 4, 4] };
const prompts: Collection = { checkpointDigest, space: 'PROMPT', shape: [6] };

async function house() {
  const { bucket, blobs } = memoryR2();
  const db = await memoryD1();
  const store = new LatentStore(bucket, db);
  const files = new VectorFiles(bucket, db);
  const vectorize = new VectorizeDouble(32);
  const index = new VectorizeIndex(vectorize, async () => null);
  const latentIndex = new LatentIndex({ index, files, latents: store, db });
  return {
    blobs,
    db,
    store,
    vectorize,
    latentIndex,
    async save(key: string, seed: number, prompt: Float32Array | null = null) {
      const vectorsBlob = await files.put(key, { prompt, embedding: null });
      const latent = { data: syntheticVector(seed, 32).numbers, dims: [2, 4, 4] };
      await store.save({ key, latent, pixels: null, checkpointDigest, vectorsBlob });
      return latent.data;
    },
    async found(collection: Collection, numbers: Float32Array) {
      vectorize.settle();
      return (await index.nearest(collection, { numbers, limit: 9 })).map(({ id }) => id).sort();
    },
    unindexed: async () => {
      const { results } = await db.prepare('SELECT key FROM latents WHERE indexed = 0').all<{ key: string }>();
      return results.map(row => row.key);
    },
  };
}

const prompt = syntheticVector(50, 6).numbers;

describe('LatentIndex', () => {
  it('puts what has a row and is not in the index, in every space where it has a place', async () => {
    const { save, latentIndex, found, unindexed } = await house();
    const latent = await save(key('a'), 1, prompt);
    await save(key('b'), 2);
    expect(await found(latents, latent)).toEqual([]);
    await latentIndex.catchUp();
    expect(await found(latents, latent)).toEqual([key('a'), key('b')]);
    expect(await found(prompts, prompt)).toEqual([key('a')]);
    expect(await unindexed()).toEqual([]);
  });

  it('puts each once', async () => {
    const { save, latentIndex, vectorize } = await house();
    await save(key('a'), 1);
    for (let i = 0; i < 3; i++) await latentIndex.catchUp();
    expect(vectorize.asked.filter(call => call.startsWith('upsert'))).toHaveLength(1);
  });

  it('begins with those that are asked for where there are more than it puts at once', async () => {
    const { save, latentIndex, found } = await house();
    const keys = Array.from({ length: 60 }, (_, i) => i.toString(16).padStart(64, '0'));
    for (const [i, each] of keys.entries()) await save(each, i);
    await latentIndex.catchUp([keys[59]!]);
    expect(await found(latents, syntheticVector(59, 32).numbers)).toContain(keys[59]);
  });

  it('tries again what could not be put', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { save, latentIndex, vectorize, found, unindexed } = await house();
    const latent = await save(key('a'), 1);
    vi.spyOn(vectorize, 'upsert').mockRejectedValueOnce(new Error('Vectorize is away'));
    await latentIndex.catchUp();
    expect(await unindexed()).toEqual([key('a')]);
    await latentIndex.catchUp();
    expect(await found(latents, latent)).toEqual([key('a')]);
    expect(error).toHaveBeenCalledOnce();
    error.mockRestore();
  });

  it('gives up on what is damaged, without holding up the others', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { save, blobs, latentIndex, found, unindexed } = await house();
    await save(key('a'), 1);
    for (const name of blobs.keys()) if (name.startsWith('latents/')) blobs.delete(name);
    const latent = await save(key('b'), 2);
    await latentIndex.catchUp();
    expect(await found(latents, latent)).toEqual([key('b')]);
    expect(await unindexed()).toEqual([]);
    expect(error.mock.calls[0]![0]).toContain('DamagedBlob');
    error.mockRestore();
  });

  it('leaves nothing of a latent that is deleted while it is put', async () => {
    const { save, db, latentIndex, vectorize, found } = await house();
    const latent = await save(key('a'), 1);
    const upsert = vectorize.upsert.bind(vectorize);
    vi.spyOn(vectorize, 'upsert').mockImplementation(async vectors => {
      await db.prepare('DELETE FROM latents WHERE key = ?').bind(key('a')).run();
      return upsert(vectors);
    });
    await latentIndex.catchUp();
    expect(await found(latents, latent)).toEqual([]);
  });

  it('takes a latent out of every space, and forgets its vectors', async () => {
    const { save, store, blobs, db, latentIndex, found } = await house();
    const latent = await save(key('a'), 1, prompt);
    await latentIndex.catchUp();
    const kept = (await store.find(key('a')))!;
    const row = await db.prepare('DELETE FROM latents RETURNING vectors_blob').first<{ vectors_blob: string }>();
    await latentIndex.remove({ ...kept, vectorsBlob: row!.vectors_blob });
    expect([await found(latents, latent), await found(prompts, prompt)]).toEqual([[], []]);
    expect([...blobs.keys()].filter(name => name.startsWith('vectors/'))).toEqual([]);
  });
});
