import { describe, expect, it, vi } from 'vitest';
import { RetryLater } from '../../schema/context.ts';
import { testCard } from '../../schema/testing/services.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { IndexedLatents } from './indexed-latents.ts';
import { TextVectors } from './text-vectors.ts';
import { VectorFiles } from './vector-files.ts';

const key = 'a'.repeat(64);
const latent = { data: Float32Array.of(1, 2, 3, 4), dims: [1, 2, 2] };
const made = { key, latent, pixels: null, checkpointDigest: testCard.digest };
const numbers = Float32Array.of(5, 6);

async function house(embedder: boolean, embedding: () => Promise<Float32Array> = async () => numbers) {
  const { bucket } = memoryR2();
  const db = await memoryD1();
  const store = new LatentStore(bucket, db);
  const files = new VectorFiles(bucket, db);
  const texts = new TextVectors(new EncodingStore(bucket, db));
  const latentIndex = { catchUp: vi.fn(async () => {}) };
  const maker = { embedding: vi.fn(embedding) };
  const cards = { find: async () => ({ ...testCard, embedder }) };
  const latents = new IndexedLatents({ store, files, texts, latentIndex, maker, cards });
  return { latents, store, files, texts, latentIndex, maker };
}

describe('IndexedLatents', () => {
  it('keeps the vectors that came with a latent, and those of its prompt', async () => {
    const { latents, store, files, texts, latentIndex, maker } = await house(true);
    const vectors = { prompt: Float32Array.of(7), embedding: Float32Array.of(8) };
    const text = { tokenIds: [[1, 2]], vectors: { prompt: vectors.prompt, embedding: numbers } };
    await latents.save({ ...made, vectors, text });
    expect(await store.find(key)).not.toBeNull();
    expect(await files.ofLatent(key)).toEqual(vectors);
    expect(await texts.find(testCard.digest, [[1, 2]])).toEqual(text.vectors);
    expect(await texts.find(testCard.digest, [[1, 3]])).toBeNull();
    expect(latentIndex.catchUp).toHaveBeenCalledExactlyOnceWith([key]);
    expect(maker.embedding).not.toHaveBeenCalled();
  });

  it('has a latent embedded that was not made by a backend, where there is an embedder, once', async () => {
    const { latents, files, maker } = await house(true);
    await latents.save(made);
    await latents.save(made);
    expect(await files.ofLatent(key)).toEqual({ prompt: null, embedding: numbers });
    expect(maker.embedding).toHaveBeenCalledOnce();
    const plain = await house(false);
    await plain.latents.save(made);
    expect(await plain.files.ofLatent(key)).toEqual({ prompt: null, embedding: null });
  });

  it('keeps a latent whatever becomes of its vectors', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const away = () => Promise.reject(new RetryLater('BACKEND_UNAVAILABLE', 'no backend', 1));
    const { latents, store, latentIndex } = await house(true, away);
    latentIndex.catchUp.mockRejectedValue(new Error('D1 is away'));
    await latents.save(made);
    expect(await store.find(key)).not.toBeNull();
    expect(error).toHaveBeenCalledTimes(2);
    error.mockRestore();
  });
});
