import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { GenerationParameters } from '../../schema/context.ts';
import { testCard } from '../../schema/testing/services.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { type Job, recipeOf } from '../generations/job.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { MadeVectors } from '../similarity/spaces.ts';
import { VectorizeDouble } from '../similarity/testing/vectorize-double.ts';
import type { TokenIds } from '../similarity/text-vectors.ts';
import { VectorizeIndex } from '../similarity/vectorize-index.ts';
import { decideSource } from './decide-source.ts';
import { LentNoise } from './lent-noise.ts';
import { scopeOf } from './scope.ts';
import { SourceChooser } from './source-chooser.ts';
import { SourceStore } from './source-store.ts';
import { placedText, SourceTexts } from './source-texts.ts';

function jobOf(word: number, change: Partial<GenerationParameters> = {}): Job {
  return {
    checkpointDigest: testCard.digest,
    scheduler: { _class_name: 'DDIMScheduler' },
    report: { modelTokenIds: [[word]], modelNegativeTokenIds: [[0]] },
    negativeTokenIds: [[0]],
    sizeConditioning: false,
    parameters: {
      steps: 20,
      count: 1,
      seed: 1,
      guidanceScale: 3,
      guidanceRescale: 0,
      eta: 0,
      clipSkip: null,
      width: 8,
      height: 8,
      start: null,
      reuse: 'APPROXIMATE',
      ...change,
    },
  } as unknown as Job;
}

/** Words next to each other are alike, others are not. */
const vectorOf = ([[word = 0] = []]: readonly (readonly number[])[]) => {
  return { prompt: null, embedding: Float32Array.of(Math.cos(word * 0.3), Math.sin(word * 0.3)) };
};

async function house() {
  const { bucket, blobs } = memoryR2();
  const db = await memoryD1();
  const vectorize = new VectorizeDouble(8);
  const texts = new SourceTexts(new VectorizeIndex(vectorize, async () => null), db);
  const sources = new SourceStore({ bucket, db, texts });
  const latents = new LatentStore(bucket, db);
  const ofText = vi.fn(async (_: unknown, tokenIds: TokenIds): Promise<MadeVectors | null> => vectorOf(tokenIds));
  const chooser = new SourceChooser({
    sources,
    texts,
    noise: new LentNoise(db),
    latents,
    vectors: { ofText },
    cards: { find: async () => testCard },
  });
  const tensor = (number: number) => ({ data: Float32Array.of(number), dims: [1, 1, 1, 1] });
  /** A run from its first step to its last, as it is kept. */
  const ran = async (job: Job) => {
    const key = await latentKey(recipeOf(job, 0));
    const latent = { data: Float32Array.of(1), dims: [1, 1, 1] };
    await latents.save({ key, latent, pixels: null, checkpointDigest: job.checkpointDigest });
    const text = (await placedText(
      job.checkpointDigest,
      job.report.modelTokenIds,
      vectorOf(job.report.modelTokenIds),
    ))!;
    const tensors = { at_2: tensor(2), at_10: tensor(10), at_10_output_0: tensor(100) };
    await sources.keep({ key, scope: (await scopeOf(job))!, seed: job.parameters.seed, text, tensors });
    vectorize.settle();
    return key;
  };
  for (const id of ['g1', 'g2', 'g3']) {
    await db
      .prepare("INSERT INTO generations (id, created_at, status, state) VALUES (?, '', 'DENOISING', '{}')")
      .bind(id)
      .run();
  }
  return { chooser, ran, sources, latents, ofText, db, blobs, bucket, vectorize, texts, tensor };
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

describe('SourceChooser', () => {
  it('finds the run of the most similar prompt, and asks nothing where there is none at all', async () => {
    const { chooser, ran, ofText } = await house();
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toBeNull();
    expect(ofText).not.toHaveBeenCalled();
    await ran(jobOf(9, { seed: 3 }));
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toBeNull();
    const key = await ran(jobOf(2, { seed: 4 }));
    const choice = await chooser.choose(jobOf(1), 0, 'g1', true);
    expect(choice).toEqual({
      source: { latentKey: key, step: 10, similarity: expect.closeTo(Math.cos(0.3), 5) },
      seed: 4,
    });
  });

  it.each<[string, Partial<GenerationParameters>]>([
    ['steps', { steps: 10 }],
    ['guidance', { guidanceScale: 2 }],
    ['guidance rescale', { guidanceRescale: 0.5 }],
    ['clip skip', { clipSkip: 1 }],
    ['size', { width: 16 }],
    ['noise on the way', { eta: 0.5 }],
    ['a start', { start: { from: 'LATENT', latentKey: 'a', strength: 0.5 } }],
  ])('finds none for what differs in %s', async (_, change) => {
    const { chooser, ran } = await house();
    await ran(jobOf(2));
    expect(await chooser.choose(jobOf(1, change), 0, 'g1', true)).toBeNull();
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).not.toBeNull();
  });

  it('goes on with another scheduler or negative prompt from nothing', async () => {
    const { chooser, ran } = await house();
    await ran(jobOf(2));
    const negative: Job = { ...jobOf(1), negativeTokenIds: [[7]] };
    const scheduler: Job = { ...jobOf(1), scheduler: { _class_name: 'EulerDiscreteScheduler' } };
    const pndm: Job = { ...jobOf(1), scheduler: { _class_name: 'PNDMScheduler' } };
    for (const job of [negative, scheduler, pndm]) expect(await chooser.choose(job, 0, 'g1', true)).toBeNull();
    expect(await scopeOf(pndm)).toBeNull();
  });

  it('takes with a seed only runs of that seed, as often as it is asked, and none where all is there', async () => {
    const { chooser, ran } = await house();
    await ran(jobOf(2, { seed: 4 }));
    expect(await chooser.choose(jobOf(1, { seed: 5 }), 0, 'g1', false)).toBeNull();
    const first = await chooser.choose(jobOf(1, { seed: 4 }), 0, 'g1', false);
    expect(first).toMatchObject({ seed: 4 });
    expect(await chooser.choose(jobOf(1, { seed: 4 + 2 ** 32 }), 0, 'g2', false)).toEqual(first);
    await ran(jobOf(1, { seed: 4 }));
    expect(await chooser.choose(jobOf(1, { seed: 4 }), 0, 'g2', false)).toBeNull();
  });

  it('gives a prompt each noise once, so that without a seed every picture is another one', async () => {
    const { chooser, ran, db } = await house();
    for (const seed of [4, 5]) await ran(jobOf(2, { seed }));
    await ran(jobOf(1, { seed: 5 }));
    const together = await Promise.all(['g1', 'g2'].map(id => chooser.choose(jobOf(1), 0, id, true)));
    // Of seed 5 the prompt has a picture, and of seed 4 there is one run.
    expect(together.map(choice => choice?.seed ?? null).sort()).toEqual([4, null]);
    // Who was interrupted has it still.
    const [id, other] = together[0] ? ['g1', 'g2'] : ['g2', 'g1'];
    expect(await chooser.choose(jobOf(1), 0, id!, true)).toMatchObject({ seed: 4 });
    expect(await chooser.choose(jobOf(1), 0, other!, true)).toBeNull();
    const gone = { scope: (await scopeOf(jobOf(1)))!, text: 'x', generationId: 'gone' };
    expect(await new LentNoise(db).lend(gone, [1])).toBe(false);
  });

  it('remembers noise that was asked for with its seed, though who was lent it first is deleted', async () => {
    const { chooser, ran, db } = await house();
    await ran(jobOf(2, { seed: 4 }));
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toMatchObject({ seed: 4 });
    expect(await chooser.choose(jobOf(1, { seed: 4 }), 0, 'g2', false)).toMatchObject({ seed: 4 });
    await db.prepare("DELETE FROM lent_noise WHERE generation_id = 'g1'").run();
    expect(await chooser.choose(jobOf(1), 0, 'g3', true)).toBeNull();
  });

  it('decides once for who asks for the same again, be it with nothing to go on from but what was made', async () => {
    const { chooser, ran, db, latents, sources } = await house();
    await ran(jobOf(3, { seed: 4 }));
    const one = (await chooser.choose(jobOf(1), 0, 'g1', true))!;
    const same = jobOf(1, { seed: 4 });
    // A nearer one that comes later changes nothing.
    await ran(jobOf(2, { seed: 4 }));
    expect(await chooser.choose(same, 0, 'g2', false)).toEqual(one);
    const key = await latentKey(recipeOf({ ...same, sources: [one.source] }, 0));
    expect(await chooser.decided(same, 0)).toEqual({ source: one.source, latentKey: key });
    expect(await chooser.decided(jobOf(1, { seed: 3, count: 2 }), 1)).toMatchObject({ latentKey: key });
    expect(await chooser.decided(jobOf(1, { seed: 5 }), 0)).toBeNull();

    const latent = { data: Float32Array.of(1), dims: [1, 1, 1] };
    await latents.save({ key, latent, pixels: null, checkpointDigest: testCard.digest });
    await sources.forget([one.source.latentKey]);
    expect(await chooser.choose(same, 0, 'g3', false)).toEqual(one);
    // Nothing is left of what was decided: another one serves.
    await db.prepare('DELETE FROM latents WHERE key = ?').bind(key).run();
    expect(await chooser.decided(same, 0)).toBeNull();
    const now = (await chooser.choose(same, 0, 'g1', false))!;
    expect(now.source.latentKey).not.toBe(one.source.latentKey);
    expect(await chooser.decided(same, 0)).toMatchObject({ source: now.source });
  });

  it('lends the noise of all images at once', async () => {
    const { chooser, ran } = await house();
    for (const seed of [4, 5]) await ran(jobOf(2, { seed }));
    expect(await chooser.choose(jobOf(1, { count: 2 }), 0, 'g1', true)).toMatchObject({ seed: 4 });
    expect(await chooser.choose(jobOf(1), 0, 'g2', true)).toBeNull();
  });

  it('finds the nearest prompt, however many runs a farther one has', async () => {
    const { chooser, ran } = await house();
    const keyOf = async (word: number) => (await placedText(testCard.digest, [[word]], vectorOf([[word]])))!.key;
    // One that would come first, were it for the keys.
    const near = await keyOf(2);
    const keys = await Promise.all([3, 4, -1, -2].map(async word => ({ word, key: await keyOf(word) })));
    const far = keys.find(({ key }) => key < near)!.word;
    for (let seed = 100; seed < 310; seed++) await ran(jobOf(far, { seed }));
    await ran(jobOf(2, { seed: 9 }));
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toMatchObject({ seed: 9 });
  });

  it('begins several images with no seed of which one had its picture', async () => {
    const { chooser, ran } = await house();
    for (const seed of [4, 8]) await ran(jobOf(2, { seed }));
    // Of seed 5 the prompt has a picture that went on from another one, of seed 9 none.
    await ran(jobOf(2, { seed: 5 }));
    expect(await chooser.choose(jobOf(1, { seed: 5 }), 0, 'g1', false)).toMatchObject({ seed: 5 });
    expect(await chooser.choose(jobOf(1, { count: 2 }), 0, 'g2', true)).toMatchObject({ seed: 8 });
  });

  it('computes whole what no backend encodes now', async () => {
    const { chooser, ran, ofText } = await house();
    await ran(jobOf(2));
    ofText.mockResolvedValueOnce(null);
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toBeNull();
  });

  it('offers nothing of a run whose latent is gone', async () => {
    const { chooser, ran, db } = await house();
    const key = await ran(jobOf(2));
    await db.prepare('DELETE FROM latents WHERE key = ?').bind(key).run();
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toBeNull();
  });
});

describe('SourceStore', () => {
  it('hands out one step with what its scheduler remembers, and drops what is damaged', async () => {
    const { sources, ran, blobs, tensor, db, vectorize, chooser } = await house();
    const key = await ran(jobOf(2));
    expect(await sources.read(key, 10)).toEqual({ resume: tensor(10), resume_output_0: tensor(100) });
    expect(await sources.read(key, 2)).toEqual({ resume: tensor(2) });
    expect(await sources.read(key, 4)).toBeNull();
    const name = [...blobs.keys()].find(each => each.startsWith('steps/'))!;
    blobs.get(name)![100]! ^= 1;
    expect(await sources.read(key, 10)).toBeNull();
    expect([...blobs.keys()].filter(each => each.startsWith('steps/'))).toEqual([]);
    expect(await db.prepare('SELECT key FROM source_texts').first()).toBeNull();
    vectorize.settle();
    expect(await chooser.choose(jobOf(1), 0, 'g1', true)).toBeNull();
  });

  it('keeps nothing of a latent that is not kept', async () => {
    const { sources, blobs, db, tensor } = await house();
    const text = (await placedText(testCard.digest, [[1]], vectorOf([[1]])))!;
    await sources.keep({ key: 'a'.repeat(64), scope: 's', seed: 1, text, tensors: { at_2: tensor(1) } });
    expect(blobs.size).toBe(0);
    expect(await db.prepare('SELECT key FROM source_texts').first()).toBeNull();
  });

  it('leaves alone what was put anew while the damaged one was read', async () => {
    const { sources, ran, blobs, bucket, db, texts } = await house();
    const key = await ran(jobOf(2));
    blobs.get([...blobs.keys()].find(each => each.startsWith('steps/'))!)![100]! ^= 1;
    const get = async (name: string) => {
      const found = await bucket.get(name);
      await sources.forget([key]);
      await ran(jobOf(2));
      return found;
    };
    const slow = new SourceStore({ bucket: { ...bucket, get } as R2Bucket, db, texts });
    expect(await slow.read(key, 2)).toBeNull();
    expect(await sources.read(key, 2)).not.toBeNull();
  });

  it('takes a text out of every collection that it was put in', async () => {
    const { sources, texts, ran, db, vectorize } = await house();
    const key = await ran(jobOf(2));
    const prompt = { prompt: Float32Array.of(1, 0), embedding: null };
    const byPrompt = (await placedText(testCard.digest, [[2]], prompt))!;
    await texts.row(byPrompt).run();
    await texts.put(byPrompt);
    vectorize.settle();
    const near = () => texts.near({ ...byPrompt, key: 'another' }, 0, 10, null);
    expect(await near()).toHaveLength(1);
    await sources.forget([key]);
    vectorize.settle();
    expect(await near()).toEqual([]);
    expect(await db.prepare('SELECT key FROM source_texts').first()).toBeNull();
  });

  it('keeps a text in the index as long as one run has it', async () => {
    const { sources, ran, db } = await house();
    const [one, two] = [await ran(jobOf(2, { seed: 1 })), await ran(jobOf(2, { seed: 2 }))];
    const texts = async () => (await db.prepare('SELECT key FROM source_texts').all()).results.length;
    expect(await sources.forget([one])).toBeGreaterThan(0);
    expect(await texts()).toBe(1);
    await sources.forget([two]);
    expect(await texts()).toBe(0);
    expect(await sources.forget([two])).toBe(0);
  });
});

describe('decideSource', () => {
  const image = {} as never;
  const source = { latentKey: 'k', step: 4, similarity: 0.9 };

  it('lets the first run say the seed where none was asked for, and asks for that one from then on', async () => {
    const choose = vi.fn(async () => ({ source, seed: 99 }));
    const job = jobOf(1, { isSeedDrawn: true, count: 2 });
    const one = (await decideSource(job, { id: 'g', images: [] }, { choose }))!;
    expect(one).toMatchObject({ sources: [source], parameters: { seed: 99 } });
    expect(await decideSource(one, { id: 'g', images: [] }, { choose })).toBeNull();
    const two = (await decideSource(one, { id: 'g', images: [image] }, { choose }))!;
    expect(two).toMatchObject({ sources: [source, source], parameters: { seed: 99 } });
    expect(choose.mock.calls).toMatchObject([
      [job, 0, 'g', true],
      [one, 1, 'g', false],
    ]);
  });

  it('computes everything where nothing can be found, and decides nothing for who did not ask', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const choose = vi.fn(async () => Promise.reject(new Error('no backend')));
    const decided = await decideSource(jobOf(1), { id: 'g', images: [] }, { choose });
    expect(decided).toMatchObject({ sources: [null], parameters: { seed: 1 } });
    expect(await decideSource(jobOf(1, { reuse: 'EXACT' }), { id: 'g', images: [] }, { choose })).toBeNull();
    expect(choose).toHaveBeenCalledOnce();
    expect(error).toHaveBeenCalledOnce();
    error.mockRestore();
  });
});
