import { describe, expect, it, vi } from 'vitest';
import { type Pixels, RetryLater } from '../../schema/context.ts';
import type { ReadPicture } from '../../schema/laboratory-service.ts';
import { testCard } from '../../schema/testing/services.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import type { BackendClient } from '../../wire/client.ts';
import type { ReadyBackend } from '../backends/pool.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import type { LatentRow } from '../latents/latent-rows.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { cosine } from './cosine.ts';
import { embedBacklog } from './embed-backlog.ts';
import { LatentIndex } from './latent-index.ts';
import { IndexedSimilarity } from './similarity-service.ts';
import { VectorizeDouble } from './testing/vectorize-double.ts';
import { TextVectors } from './text-vectors.ts';
import { VectorFiles } from './vector-files.ts';
import { VectorMaker } from './vector-maker.ts';
import { VectorizeIndex } from './vectorize-index.ts';
import { Vectors } from './vectors.ts';

const card = { ...testCard, embedder: true };
const key = (index: number) => index.toString(16).padStart(64, '0');
const promptOf = (index: number) => syntheticVector(1_000 + index, 6).numbers;
const latentOf = (index: number) => syntheticVector(index, 32).numbers;
/** Stands for an embedder: the first numbers. */
const embeddingOf = (latent: Float32Array) => latent.slice(0, 5);
const everything = { limit: 100, minSimilarity: null, after: null } as const;

/** A backend that embeds, and encodes pictures and texts to what is given; null: none answers. */
function backend(answers: Readonly<Record<string, Float32Array>> | null) {
  const asked: string[] = [];
  const run: BackendClient['run'] = async function* (plan, sent = {}) {
    asked.push(plan.stages.map(({ stage }) => stage).join());
    const embedding = sent.latent && embeddingOf(sent.latent.data as Float32Array);
    const made: Record<string, Float32Array | undefined> = { ...answers, embedding };
    const tensors = new Map(plan.returns.map(name => [name, { data: made[name]!, dims: dimsOf[name] ?? [1, 5] }]));
    yield { header: { kind: 'result', stage: plan.stages[0]!.stage, ms: 1 }, tensors };
  };
  const choose = async () => {
    if (!answers) throw new RetryLater('BACKEND_UNAVAILABLE', 'no backend', 1);
    return { client: { run } } as unknown as ReadyBackend;
  };
  return { asked, choose };
}
const dimsOf: Readonly<Record<string, number[]>> = { encoded: [1, 2, 4, 4], pooled_prompt_embeds: [1, 6] };

/** A picture, of whose latent this is the key. */
function pictureOf(latentKey: string, pixels: Pixels): ReadPicture {
  return { kind: 'PICTURE', latentKey, pixels, pictureOf: null, source: { width: 1, height: 1, bytes: 3 } };
}

/** Ten latents, of which the odd ones were made from prompts. */
async function house(answers: Parameters<typeof backend>[0] = null) {
  const { bucket } = memoryR2();
  const db = await memoryD1();
  const latents = new LatentStore(bucket, db);
  const files = new VectorFiles(bucket, db);
  const vectorize = new VectorizeDouble(32);
  const index = new VectorizeIndex(vectorize, async () => null);
  const latentIndex = new LatentIndex({ index, files, latents, db });
  const pool = backend(answers);
  const maker = new VectorMaker(pool);
  const vectors = new Vectors({ texts: new TextVectors(new EncodingStore(bucket, db)), maker, latents });
  const cards = { find: async () => card };
  const similarity = new IndexedSimilarity({ index, latentIndex, vectors, maker, latents, cards });
  for (let i = 0; i < 10; i++) {
    const vectorsBlob = await files.put(key(i), { prompt: i % 2 ? promptOf(i) : null, embedding: null });
    const latent = { data: latentOf(i), dims: [2, 4, 4] };
    await latents.save({ key: key(i), latent, pixels: null, checkpointDigest: card.digest, vectorsBlob });
  }
  await latentIndex.catchUp();
  vectorize.settle();
  const of = async (i: number) => (await latents.find(key(i)))!;
  const backlog = { db, latents, latentIndex, maker, cards };
  return { similarity, backlog, latents, files, asked: pool.asked, bucket, db, vectorize, of };
}

describe('IndexedSimilarity', () => {
  it('finds what is near a latent, nearest first, without a backend and without the latent itself', async () => {
    const { similarity, of } = await house();
    const found = await similarity.nearLatent(await of(3), { ...everything, space: 'LATENT' });
    const expected = [0, 1, 2, 4, 5, 6, 7, 8, 9]
      .map(i => ({ key: key(i), similarity: cosine(latentOf(3), latentOf(i)) }))
      .sort((a, b) => b.similarity - a.similarity);
    expect(found.map(({ latent, similarity }) => ({ key: latent.key, similarity }))).toEqual(expected);
    const prompts = await similarity.nearLatent(await of(3), { ...everything, space: 'PROMPT' });
    expect(prompts.map(({ latent }) => latent.key).sort()).toEqual([1, 5, 7, 9].map(key));
  });

  it('compares two by the same numbers, in the spaces where both have a place', async () => {
    const { similarity, of } = await house();
    const near = await similarity.nearLatent(await of(3), { ...everything, space: 'PROMPT' });
    const to5 = near.find(({ latent }) => latent.key === key(5))!;
    // Nor does a backend that does not answer keep the other numbers back.
    const odd = await similarity.compare(await of(3), await of(5));
    expect(odd).toMatchObject({ prompt: to5.similarity, embedding: null, distance: expect.closeTo(1.4, 0) });
    expect(await similarity.compare(await of(3), await of(4))).toMatchObject({
      prompt: null,
      latent: expect.any(Number),
    });
    expect(await similarity.compare(await of(4), await of(4))).toMatchObject({ latent: 1, distance: 0 });
  });

  it('fills a page from what follows where a latent is gone, and forgets its vector', async () => {
    const { similarity, of, db, vectorize } = await house();
    const search = { ...everything, space: 'LATENT', limit: 3 } as const;
    const [first, second, third, ...rest] = await similarity.nearLatent(await of(3), { ...search, limit: 5 });
    expect(rest).toHaveLength(2);
    await db.prepare('DELETE FROM latents WHERE key = ?').bind(second!.latent.key).run();
    expect(await similarity.nearLatent(await of(3), search)).toEqual([first, third, rest[0]]);
    expect(vectorize.asked.filter(call => call.startsWith('delete'))).toEqual(['delete 1']);
  });

  it('encodes a text once, and finds by it from then on without a backend', async () => {
    const { similarity, asked, of } = await house({ pooled_prompt_embeds: promptOf(7), text_embedding: promptOf(0) });
    for (let i = 0; i < 2; i++) {
      const [nearest] = await similarity.nearText(card, [[1, 2, 3]], { ...everything, space: 'PROMPT' });
      expect(nearest).toEqual({ latent: await of(7), similarity: 1 });
    }
    expect(asked).toEqual(['TEXT_ENCODE,EMBED']);
  });

  it('finds by a picture, which is encoded and not denoised', async () => {
    const { similarity, asked, of } = await house({ encoded: latentOf(4) });
    const pixels = { data: new Uint8Array(3), width: 1, height: 1 };
    const image = pictureOf('f'.repeat(64), pixels);
    const [nearest] = await similarity.nearImage(card, image, { ...everything, space: 'LATENT' });
    expect(nearest).toEqual({ latent: await of(4), similarity: 1 });
    expect(asked).toEqual(['IMAGE_ENCODE']);
    const stored = pictureOf(key(5), pixels);
    const [encodedBefore] = await similarity.nearImage(card, stored, { ...everything, space: 'LATENT' });
    expect(encodedBefore).toEqual({ latent: await of(5), similarity: 1 });
    expect(asked).toHaveLength(1);
  });

  it('makes anew what was encoded and is damaged', async () => {
    const { similarity, asked, of, db, bucket } = await house({ encoded: latentOf(4) });
    const { latent_blob: name } = (await db
      .prepare('SELECT * FROM latents WHERE key = ?')
      .bind(key(5))
      .first<LatentRow>())!;
    await bucket.put(name, 'damaged');
    const pixels = { data: new Uint8Array(3), width: 1, height: 1 };
    const image = pictureOf(key(5), pixels);
    const search = { ...everything, space: 'LATENT' } as const;
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const [nearest] = await similarity.nearImage(card, image, search);
    expect(nearest).toEqual({ latent: await of(4), similarity: 1 });
    expect(asked).toEqual(['IMAGE_ENCODE']);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it('embeds a latent that has no embedding when it is looked for, once', async () => {
    const { similarity, asked, of, vectorize } = await house({});
    const search = { ...everything, space: 'EMBEDDING' } as const;
    expect(await similarity.nearLatent(await of(1), search)).toEqual([]);
    vectorize.settle();
    const [found] = await similarity.nearLatent(await of(2), search);
    const expected = cosine(embeddingOf(latentOf(1)), embeddingOf(latentOf(2)));
    expect(found).toEqual({ latent: await of(1), similarity: expected });
    expect(asked).toEqual(['EMBED', 'EMBED']);
    await similarity.nearLatent(await of(1), search);
    expect(asked).toHaveLength(2);
    expect(await similarity.compare(await of(3), await of(4))).toMatchObject({ embedding: expect.any(Number) });
    expect(asked).toHaveLength(4);
    expect(await similarity.compare(await of(1), await of(2))).toMatchObject({ embedding: expected });
  });

  it('embeds by and by what was stored without', async () => {
    const { backlog, asked, db, files } = await house({});
    const waiting = async () => (await db.prepare('SELECT key FROM latents WHERE indexed = 2').all()).results.length;
    expect(await waiting()).toBe(10);
    await embedBacklog({ ...backlog, maker: new VectorMaker(backend(null)) });
    expect(await waiting()).toBe(10);
    await embedBacklog(backlog);
    expect([await waiting(), asked.length]).toEqual([0, 10]);
    expect((await files.ofLatent(key(3))).embedding).toEqual(embeddingOf(latentOf(3)));
  });

  it('says to come back when a backend is needed and none answers', async () => {
    const { similarity } = await house();
    const search = { ...everything, space: 'PROMPT' } as const;
    await expect(similarity.nearText(card, [[1]], search)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });

  it('says where something has no place', async () => {
    const { similarity, of } = await house();
    const all = everything;
    const plain = { ...card, embedder: false };
    const image = pictureOf(key(1), { data: new Uint8Array(3), width: 1, height: 1 });
    const refusals: [RegExp, () => Promise<unknown>][] = [
      [/not made from a prompt/, async () => similarity.nearLatent(await of(2), { ...all, space: 'PROMPT' })],
      [/no latent/, () => similarity.nearText(card, [[1]], { ...all, space: 'LATENT' })],
      [/no embedder/, () => similarity.nearText(plain, [[1]], { ...all, space: 'EMBEDDING' })],
      [/no embedder/, () => similarity.nearImage(plain, image, { ...all, space: 'EMBEDDING' })],
      [/no prompt/, () => similarity.nearImage(card, image, { ...all, space: 'PROMPT' })],
    ];
    for (const [message, refusal] of refusals) {
      const expected = { code: 'UNSUPPORTED', message: expect.stringMatching(message) };
      await expect(refusal()).rejects.toMatchObject(expected);
    }
  });
});
