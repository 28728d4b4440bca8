import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GenerationRequest, GenerationState } from '../../schema/context.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import type { Decided } from '../approximate/lent-noise.ts';
import { Deletion } from '../deletion/deletion.ts';
import { type IntactLatent, LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { type Admission, GenerationRows } from './generation-rows.ts';
import { DurableGenerations } from './generation-service.ts';
import { type Job, jobOf, recipeOf } from './job.ts';
import { cancelled, queued, succeeded, withStatus } from './progress.ts';

const job = { parameters: { steps: 1, count: 1 } } as Job;
const request = {
  card: { digest: 'c'.repeat(64), name: 'tiny', scheduler: { _class_name: 'DDIMScheduler' } },
  prompt: 'a',
  negativePrompt: '',
  report: { modelTokenIds: [[1]], modelNegativeTokenIds: [[1]] },
  parameters: {
    ...job.parameters,
    scheduler: 'DDIM',
    seed: 0,
    guidanceScale: 1,
    clipSkip: null,
    eta: 0,
    width: 8,
    height: 8,
    start: null,
    reuse: 'EXACT',
  },
} as unknown as GenerationRequest;
const withKey = (key: string, input: string) => ({ ...request, idempotency: { key, input } });
const withSeed = (seed: number) => ({ ...request, parameters: { ...request.parameters, seed } });
const idOf = (number: number) => number.toString(16).padStart(32, '0');
const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const page = { status: null, limit: 10, after: null, before: null, reverse: false };

/** Objects that know `newer` than their rows; null: that cannot answer. What `decided` says was decided for every image. */
async function service(
  newer: Record<string, GenerationState | null> = {},
  backlog = 3,
  decided: Decided | null = null,
) {
  const db = await memoryD1();
  const rows = new GenerationRows(db);
  const { bucket, blobs } = memoryR2();
  const latents = new LatentStore(bucket, db);
  const deletion = new Deletion({
    db,
    bucket,
    vectors: { remove: async () => {} },
    sources: { forget: async () => 0 },
  });
  const stored: unknown[] = [];
  const jobs: Job[] = [];
  const kept = new Map<string, IntactLatent>();
  const generations = new DurableGenerations({
    objects: {
      getByName: (id: string) => ({
        async start(_: string, job: Job, admission: Omit<Admission, 'ticket'>) {
          const state = queued(id, job, new Date().toISOString());
          const kind = await rows.admit(state, { ...admission, ticket: null });
          if (kind !== 'ADMITTED') return { kind };
          newer[id] = state;
          jobs.push(job);
          return { kind: 'ACCEPTED', state };
        },
        snapshot: async () => newer[id] ?? Promise.reject(new Error('overloaded')),
        wait: () => Promise.reject(new Error('restarted')),
        cancel: async () => newer[id] && cancelled(newer[id], 'then'),
        watch: async (seen: number) => newer[id] && { state: newer[id], version: seen + 1 },
      }),
    },
    dispatcher: { roomAfterMs: async () => 1_234 },
    rows,
    backlog,
    webhooks: { hasSecret: true, allowPrivate: false },
    latents: {
      async save(latent) {
        stored.push(latent);
        await latents.save(latent);
      },
      intact: async key => kept.get(key) ?? latents.intact(key),
    },
    chooser: { decided: async () => decided },
    deletion: { generation: async () => true, removeUnused: key => deletion.removeUnused(key) },
    starts: {
      async save(_, digest) {
        stored.push(digest);
        return `starts/${digest}`;
      },
    },
    logPrompts: false,
  });
  return { rows, generations, stored, jobs, kept, latents, blobs, deletion };
}

let error: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  error = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  error.mockRestore();
});

describe('create', () => {
  const start = { latentKey: 'e'.repeat(64), strength: 0.5 };
  const pixels = { data: new Uint8Array(3), width: 1, height: 1 };
  const latent = { data: new Float32Array(1), dims: [1, 1, 1] };
  const fromPicture = {
    ...request,
    parameters: { ...request.parameters, start: { ...start, from: 'IMAGE' as const } },
    startContent: { kind: 'PIXELS', pixels, digest: 'd' } as const,
  };

  it('stores what a generation starts from before it begins', async () => {
    const { generations, stored, jobs } = await service();
    await generations.create(fromPicture);
    expect([stored, jobs[0]!.startPixels]).toEqual([['d'], 'starts/d']);
    const fromLatent = { ...request.parameters, start: { ...start, from: 'LATENT' as const } };
    await generations.create({ ...request, parameters: fromLatent, startContent: { kind: 'LATENT', latent } });
    const saved = { key: start.latentKey, latent, pixels: null, checkpointDigest: 'c'.repeat(64), origin: 'SENT' };
    expect([stored[1], jobs[1]!.startPixels]).toEqual([saved, null]);
  });

  const fromLatent = {
    ...request,
    parameters: { ...request.parameters, start: { ...start, from: 'LATENT' as const } },
    startContent: null,
  };

  it('leaves nothing of a latent that came with what found no room', async () => {
    const { generations, latents, blobs } = await service({}, 0);
    const uploaded = { ...fromLatent, startContent: { kind: 'LATENT', latent } as const };
    await expect(generations.create(uploaded)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(await latents.find(start.latentKey)).toBeNull();
    expect(blobs.size).toBe(0);
  });

  it('does not begin from a latent that is gone or damaged', async () => {
    const { generations, latents, blobs, deletion, jobs } = await service();
    const notFound = { code: 'NOT_FOUND', message: expect.stringContaining(start.latentKey) };
    await expect(generations.create(fromLatent)).rejects.toMatchObject(notFound);
    await latents.save({ key: start.latentKey, latent, pixels: null, checkpointDigest: 'c' });
    await generations.create(fromLatent);
    for (const blob of blobs.values()) blob.fill(9, -4);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const another = { ...fromLatent, prompt: 'b' };
    await expect(generations.create(another)).rejects.toMatchObject(notFound);
    warn.mockRestore();
    expect([await deletion.latent(start.latentKey), jobs.length]).toEqual(['HELD', 1]);
  });

  it('accepts as many as the backlog holds, however many ask at once', async () => {
    const { generations, rows } = await service();
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, seed) => generations.create(withSeed(seed))),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(37);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: 1_234 });
    }
    expect(await rows.count(['QUEUED'])).toBe(3);
  });

  it('has room again when those have ended, even where nobody has told their rows', async () => {
    const newer: Record<string, GenerationState> = {};
    const { generations } = await service(newer, 1);
    const { id } = (await generations.create(request)).state;
    newer[id] = succeeded(newer[id]!, 'then');
    await expect(generations.create(withSeed(1))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(await generations.create(withSeed(1))).toMatchObject({ state: { status: 'QUEUED' }, replayed: false });
  });

  it('accepts what is under way already, or there, however full it is', async () => {
    const { generations, kept, rows } = await service({}, 1);
    await Promise.all(Array.from({ length: 20 }, () => generations.create(request)));
    await expect(generations.create(withSeed(1))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    const key = await latentKey(recipeOf(jobOf(withSeed(1)), 0));
    kept.set(key, { key, hasPixels: true, madeWith: null, score: null });
    await generations.create(withSeed(1));
    expect(await rows.count(['QUEUED'])).toBe(21);

    const scored = { ...request.parameters, seed: 1, score: true };
    await expect(generations.create({ ...request, parameters: scored })).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    const anew = { ...request.parameters, reuse: 'NONE' as const };
    await expect(generations.create({ ...request, parameters: anew })).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('needs no backend for a picture that went on from another one, asked for again with its seed', async () => {
    const decided = { source: { latentKey: 's'.repeat(64), step: 2, similarity: 0.9 }, latentKey: 'd'.repeat(64) };
    const { generations, kept } = await service({}, 0, decided);
    const full = { code: 'QUEUE_FULL' };
    const approximate = { ...request.parameters, reuse: 'APPROXIMATE' as const };
    await expect(generations.create({ ...request, parameters: approximate })).rejects.toMatchObject(full);
    kept.set(decided.latentKey, { key: decided.latentKey, hasPixels: true, madeWith: null, score: null });
    await expect(generations.create(request)).rejects.toMatchObject(full);
    const anySeed = { ...approximate, isSeedDrawn: true };
    await expect(generations.create({ ...request, parameters: anySeed })).rejects.toMatchObject(full);
    expect(await generations.create({ ...request, parameters: approximate })).toMatchObject({
      state: { status: 'QUEUED' },
    });
  });

  it('answers a key that was used with what it was used for, and refuses it for another input', async () => {
    const { generations, rows } = await service();
    const first = await generations.create(withKey('k', 'one'));
    expect(first.replayed).toBe(false);
    expect(await generations.create(withKey('k', 'one'))).toEqual({ state: first.state, replayed: true });
    await expect(generations.create(withKey('k', 'two'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect((await generations.create(withKey('l', 'one'))).replayed).toBe(false);
    expect(await rows.count(null)).toBe(2);
  });

  it('accepts one of many that come with a key together, and answers all of them with it', async () => {
    const { generations, rows } = await service();
    const all = await Promise.all(Array.from({ length: 10 }, () => generations.create(withKey('k', 'one'))));
    expect(new Set(all.map(({ state }) => state.id)).size).toBe(1);
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await rows.count(null)).toBe(1);
  });

  it('does not use up the key of what found no room', async () => {
    const newer: Record<string, GenerationState> = {};
    const { generations, rows } = await service(newer, 1);
    const { id } = (await generations.create(request)).state;
    const another = { ...withKey('k', 'one'), parameters: withSeed(1).parameters };
    await expect(generations.create(another)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await rows.save(succeeded(newer[id]!, 'then'));
    expect((await generations.create(another)).replayed).toBe(false);
  });
});

describe('list', () => {
  it('leaves out what has moved on, and fills the page from what follows', async () => {
    const newer: Record<string, GenerationState> = {};
    const { generations, rows } = await service(newer);
    for (let i = 0; i < 6; i++) {
      const state = queued(idOf(i), job, 'now');
      await rows.admit(state, alone);
      newer[state.id] = i % 2 === 0 ? state : withStatus(state, 'DENOISING');
    }
    const read = async (change: object) =>
      (await generations.list({ ...page, status: ['QUEUED'], ...change })).map(({ id }) => Number.parseInt(id, 16));
    expect(await read({ limit: 2 })).toEqual([4, 2]);
    expect(await read({ limit: 2, after: idOf(2) })).toEqual([0]);
    expect(await read({ limit: 2, reverse: true })).toEqual([0, 2]);
    expect(await read({ status: null, limit: 4 })).toEqual([5, 4, 3, 2]);
  });

  it('answers with the row of an object that cannot', async () => {
    const { generations, rows } = await service({ [idOf(1)]: null });
    await rows.admit(queued(idOf(1), job, 'now'), alone);
    await rows.admit(succeeded(queued(idOf(2), job, 'now'), 'then'), alone);
    expect((await generations.list(page)).map(({ status }) => status)).toEqual(['SUCCEEDED', 'QUEUED']);
  });
});

describe('wait', () => {
  it('answers with the row when the object is restarted under it', async () => {
    const { generations, rows } = await service();
    await rows.admit(queued(idOf(1), job, 'now'), alone);
    expect(await generations.wait(idOf(1), 1_000)).toMatchObject({ status: 'QUEUED' });
  });
});

describe('cancel', () => {
  it('leaves what has ended as it is, stops what has not, and knows nothing of what never was', async () => {
    const newer: Record<string, GenerationState> = {};
    const { generations, rows } = await service(newer);
    const ended = succeeded(queued(idOf(1), job, 'now'), 'then');
    await rows.admit(ended, alone);
    expect(await generations.cancel(idOf(1))).toEqual(ended);
    const { id } = (await generations.create(request)).state;
    expect(await generations.cancel(id)).toMatchObject({ id, status: 'CANCELLED' });
    expect([await generations.cancel(idOf(2)), await generations.cancel('nonsense')]).toEqual([null, null]);
  });
});

describe('watch', () => {
  it('asks the object while there is one at work, its row afterwards, and is null for what is gone', async () => {
    const { generations, rows } = await service();
    const { id } = (await generations.create(request)).state;
    expect(await generations.watch(id, 7)).toMatchObject({ state: { id }, version: 8 });
    await rows.save(succeeded(queued(id, job, 'now'), 'then'));
    const last = await generations.watch(id, 0);
    expect(last).toMatchObject({ state: { status: 'SUCCEEDED' } });
    expect(last!.version).toBeGreaterThan(Date.now() * 2);
    expect([await generations.watch(idOf(9), 0), await generations.watch('nonsense', 0)]).toEqual([null, null]);
  });
});
