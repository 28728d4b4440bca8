import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure, GenerationState } from '../../schema/context.ts';
import { memoryD1, memoryR2, memoryStorage } from '../../test/edge/in-memory.ts';
import { decideSource } from '../approximate/decide-source.ts';
import { Deletion } from '../deletion/deletion.ts';
import { keepEncodings } from '../developments/encodings-of-job.ts';
import type { Report } from '../developments/report.ts';
import type { Place, Ticket } from '../dispatch/ticket.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { imageId } from '../images/image-id.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { TextVectors } from '../similarity/text-vectors.ts';
import { GenerationObject } from './generation-object.ts';
import { GenerationRows } from './generation-rows.ts';
import { type Job, recipeOf } from './job.ts';
import { type Listener, makeNextImage } from './next-image.ts';
import { stepped, succeeded, withImage, withStatus } from './progress.ts';

vi.mock('cloudflare:workers', () => ({
  DurableObject: class {
    ctx: unknown;
    env: unknown;
    constructor(ctx: unknown, env: unknown) {
      this.ctx = ctx;
      this.env = env;
    }
  },
}));
const refresh = vi.hoisted(() => vi.fn(async () => {}));
vi.mock('../services.ts', () => ({ createCheckpoints: () => ({ refresh }) }));
vi.mock('./next-image.ts');
vi.mock('../approximate/decide-source.ts', { spy: true });

const id = 'a'.repeat(32);
const [firstTicket, secondTicket] = [imageId(id, 0), imageId(id, 1)];
/** With all that its keys are made of. */
const job = {
  checkpointDigest: 'c',
  scheduler: {},
  report: { modelTokenIds: [[1]] },
  parameters: {
    ...{ steps: 10, count: 2, seed: 1, guidanceScale: 1, eta: 0, clipSkip: null, width: 8, height: 8, reuse: 'EXACT' },
  },
} as unknown as Job;
const one: Job = { ...job, parameters: { ...job.parameters, count: 1 } };
const image = { latentKey: 'l' } as GenerationState['images'][number];
const admission = { places: 9, work: 'w', startBlob: '', idempotency: null };
const failure: Failure = { code: 'BACKEND_UNAVAILABLE', message: 'none', stage: 'QUEUE', retryable: true };

async function house() {
  const db = await memoryD1();
  const disk = memoryStorage();
  const { bucket, blobs } = memoryR2();
  const left = vi.fn(async (_: string) => {});
  const place: Place = { position: 3, etaMs: 4_000 };
  const dispatcher = {
    enqueue: vi.fn(async (_: Ticket) => {}),
    leave: vi.fn(async (_: string) => {}),
    place: vi.fn(async (_: string): Promise<Place> => place),
  };
  const fetch = vi.fn(async (_: string, __: RequestInit) => new Response());
  const env = {
    ...{ DB: db, BLOBS: bucket, BACKEND_SECRET: 'b'.repeat(32), URL_SECRET: 'u'.repeat(32) },
    DEVELOPMENTS: { getByName: () => ({ leave: left }) },
    DISPATCHER: { getByName: () => dispatcher },
    WEBHOOKS: { fetch },
    WEBHOOK_SECRET: `whsec_${btoa('k'.repeat(32))}`,
  };
  const wake = async () => {
    const { storage } = disk;
    const ctx = { storage, waitUntil: () => {}, blockConcurrencyWhile: <T>(work: () => Promise<T>) => work() };
    const object = new GenerationObject(ctx as unknown as DurableObjectState, env);
    await new Promise(resolve => setTimeout(resolve));
    return object;
  };
  /** What the runtime does when it is time. */
  const ring = async (object: GenerationObject) => {
    disk.alarm = null;
    await object.alarm();
  };
  /** One that is at work: its first image was called for. */
  const begun = async (of = job) => {
    const object = await wake();
    await object.start(id, of, admission);
    await object.proceed(firstTicket, null);
    return object;
  };
  return { db, bucket, blobs, disk, wake, ring, begun, left, dispatcher, fetch, rows: new GenerationRows(db) };
}

/** Work that goes on until somebody ends it, or the generation is stopped. */
function working() {
  const end = Promise.withResolvers<GenerationState | null>();
  let listener: Listener | null = null;
  next.mockImplementationOnce(async (_, __, ___, ____, _____, to) => {
    listener = to;
    return end.promise;
  });
  const tell = (state: GenerationState, preview: Report['preview'] = null) => listener!.changed(state, preview);
  return { tell, end: end.resolve, isAtWork: () => vi.waitFor(() => expect(listener).not.toBeNull()) };
}

const next = vi.mocked(makeNextImage);
let errors: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  refresh.mockReset();
  next.mockReset();
  next.mockImplementation(async ({ parameters: { count } }, first) => {
    const state = withImage(first, image);
    return state.images.length === count ? succeeded(state, 'then') : state;
  });
});
afterEach(() => {
  errors.mockRestore();
  vi.useRealTimers();
});

describe('waiting', () => {
  it('says that it waits, and says it again as long as it is not called', async () => {
    const { disk, wake, ring, dispatcher } = await house();
    const object = await wake();
    expect(await object.start(id, job, admission)).toMatchObject({ kind: 'ACCEPTED', state: { status: 'QUEUED' } });
    const ticket = {
      id: firstTicket,
      generationId: id,
      isBegun: false,
      steps: 10,
      turn: await latentKey(recipeOf(job, 0)),
    };
    expect(dispatcher.enqueue.mock.calls).toMatchObject([[ticket]]);
    expect(disk.alarm).toBeGreaterThan(Date.now() + 20_000);
    await ring(object);
    expect(dispatcher.enqueue.mock.calls).toMatchObject([[ticket], [ticket]]);
    expect(disk.alarm).toBeGreaterThan(Date.now() + 20_000);
    expect(next).not.toHaveBeenCalled();
  });

  it('begins when it is called, makes one image, and waits for its next turn with what has begun', async () => {
    const { disk, ring, begun, dispatcher } = await house();
    const object = await begun();
    expect(disk.alarm).toBeLessThanOrEqual(Date.now());
    await ring(object);
    expect(next).toHaveBeenCalledTimes(1);
    expect(dispatcher.leave.mock.calls).toEqual([[firstTicket]]);
    expect(dispatcher.enqueue).toHaveBeenLastCalledWith(expect.objectContaining({ id: secondTicket, isBegun: true }));
    expect(await object.snapshot()).toMatchObject({ status: 'QUEUED', images: [{}] });
    await object.proceed(secondTicket, null);
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ status: 'SUCCEEDED', images: [{}, {}] });
  });

  it('begins at once where the next is there already, or nothing of it needs a backend', async () => {
    const { db, bucket, wake, ring, dispatcher } = await house();
    const object = await wake();
    await object.start(id, one, { ...admission, work: null });
    expect(dispatcher.enqueue).not.toHaveBeenCalled();
    const latent = { data: new Float32Array(1), dims: [1, 1, 1] };
    const pixels = { data: new Uint8Array(3), width: 1, height: 1 };
    const key = await latentKey(recipeOf(one, 0));
    await new LatentStore(bucket, db).save({ key, latent, pixels, checkpointDigest: 'c' });
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ status: 'SUCCEEDED', images: [{}] });
  });

  it('is not late for a call that comes while it says that it waits', async () => {
    const { disk, wake, ring, dispatcher } = await house();
    const object = await wake();
    await object.start(id, one, admission);
    dispatcher.enqueue.mockImplementationOnce(async ({ id: ticket }) => object.proceed(ticket, null));
    await ring(object);
    expect(next).not.toHaveBeenCalled();
    expect(disk.alarm).toBeLessThanOrEqual(Date.now());
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('gives back a turn that it has no use for', async () => {
    const { disk, wake, ring, begun, dispatcher } = await house();
    await (await wake()).proceed('unknown', null);
    const object = await begun(one);
    await object.proceed(secondTicket, null);
    expect(dispatcher.leave.mock.calls).toEqual([['unknown'], [secondTicket]]);
    await ring(object);
    await ring(object);
    await object.proceed(firstTicket, null);
    expect(dispatcher.leave).toHaveBeenLastCalledWith(firstTicket);
    expect(disk.alarm).toBeNull();
  });

  it('fails when it is told that no turn will come, even where checkpoints cannot be looked for', async () => {
    const { wake, rows, left } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    refresh.mockRejectedValueOnce(new Error('D1 is away'));
    await object.proceed(firstTicket, failure);
    expect(await object.snapshot()).toMatchObject({ status: 'FAILED', failure });
    expect(await rows.find(id)).toMatchObject({ status: 'FAILED', failure });
    expect([refresh.mock.calls.length, left.mock.calls]).toEqual([1, [[firstTicket]]]);
  });

  it('tells the dispatcher where it wants something else than it has waited for', async () => {
    const { begun, ring, dispatcher } = await house();
    const object = await begun(one);
    const sources = [{ latentKey: 's'.repeat(64), step: 4, similarity: 0.9 }];
    vi.mocked(decideSource).mockResolvedValueOnce({ ...one, sources });
    await ring(object);
    const turn = await latentKey(recipeOf({ ...one, sources }, 0));
    expect(dispatcher.enqueue).toHaveBeenLastCalledWith(expect.objectContaining({ id: firstTicket, turn, steps: 6 }));
    expect(next.mock.calls[0]![2].turn).toBe(turn);
  });

  it('is as if it had never been when there is no room, or its key is used', async () => {
    const { disk, wake, rows, dispatcher } = await house();
    const object = await wake();
    expect(await object.start(id, job, { ...admission, places: 0 })).toEqual({ kind: 'FULL' });
    const idempotency = { caller: 'me', key: 'k', inputDigest: 'd' };
    expect([disk.kept.size, disk.alarm, await rows.find(id)]).toEqual([0, null, null]);
    await object.start(id, job, { ...admission, idempotency });
    const other = await house();
    const another = await other.wake();
    await other.rows.admit({ ...(await object.snapshot())!, id: 'b' }, { ...admission, idempotency, ticket: null });
    expect(await another.start(id, job, { ...admission, idempotency })).toEqual({ kind: 'USED' });
    expect([other.disk.kept.size, other.disk.alarm]).toEqual([0, null]);
    expect(other.dispatcher.enqueue).not.toHaveBeenCalled();
    expect(dispatcher.enqueue).toHaveBeenCalledOnce();
  });
});

describe('a restart', () => {
  it('between two images changes nothing', async () => {
    const { wake, ring, begun, rows, disk } = await house();
    await ring(await begun());
    const restarted = await wake();
    await restarted.proceed(secondTicket, null);
    await ring(restarted);
    expect(await restarted.snapshot()).toMatchObject({ status: 'SUCCEEDED', images: [{}, {}] });
    expect(await rows.find(id)).toMatchObject({ status: 'SUCCEEDED' });
    await ring(restarted);
    expect(disk.alarm).toBeNull();
  });

  it('in the middle of an image goes on with it, never going back in what it tells', async () => {
    const { wake, ring, begun, dispatcher, disk } = await house();
    const object = await begun(one);
    const { tell, isAtWork } = working();
    void ring(object);
    await isAtWork();
    tell(withStatus(stepped((await object.snapshot())!, 0, 7, 10), 'DENOISING'));
    expect(disk.alarm).not.toBeNull();

    const restarted = await wake();
    expect(await restarted.snapshot()).toMatchObject({ status: 'DENOISING', step: 7 });
    await ring(restarted);
    expect(dispatcher.enqueue).toHaveBeenLastCalledWith(expect.objectContaining({ id: firstTicket, isBegun: true }));
    await restarted.proceed(firstTicket, null);
    await ring(restarted);
    expect(next).toHaveBeenCalledTimes(2);
    expect(next.mock.calls[1]![1]).toMatchObject({ step: 7 });
    expect(await restarted.snapshot()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('again and again at the same place is its end', async () => {
    const { wake, ring, begun } = await house();
    await begun(one);
    next.mockImplementation(() => new Promise(() => {}));
    for (let i = 1; i <= 8; i++) {
      const object = await wake();
      await object.proceed(firstTicket, null);
      void ring(object);
      await vi.waitFor(() => expect(next).toHaveBeenCalledTimes(i));
    }
    const last = await wake();
    await last.proceed(firstTicket, null);
    await ring(last);
    expect(next).toHaveBeenCalledTimes(8);
    expect(await last.snapshot()).toMatchObject({ status: 'FAILED', failure: { retryable: true } });
  });

  it('that lost the alarm is made good by whoever asks', async () => {
    const { disk, wake, ring, begun } = await house();
    await ring(await begun());
    disk.alarm = null;
    const object = await wake();
    await object.snapshot();
    expect(disk.alarm).toBeLessThanOrEqual(Date.now());
  });
});

describe('the end', () => {
  it('tries the last row again by alarm', async () => {
    const { db, disk, begun, ring, rows } = await house();
    const object = await begun(one);
    next.mockImplementationOnce(async (_, first) => succeeded(first, 'then'));
    const prepare = db.prepare;
    db.prepare = () => {
      throw new Error('D1 is away');
    };
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ status: 'SUCCEEDED' });
    await ring(object);
    expect(disk.alarm).toBeGreaterThan(Date.now());
    db.prepare = prepare;
    expect(await rows.find(id)).toMatchObject({ status: 'QUEUED' });
    await ring(object);
    expect(await rows.find(id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(disk.alarm).toBeNull();
  });

  it('has its end, although the spare images could not be let go of, which is tried again', async () => {
    const { db, disk, wake, begun, ring } = await house();
    const object = await begun({ ...job, parameters: { ...job.parameters, keep: 1 } });
    await db.prepare("INSERT INTO uses (key, generation_id, role) VALUES ('spare', ?, 'IMAGE')").bind(id).run();
    next.mockImplementationOnce(async (_, first) => succeeded(first, 'then'));
    const prepare = db.prepare;
    db.prepare = sql => {
      if (sql.includes('SPARE')) throw new Error('D1 is away');
      return prepare(sql);
    };
    await ring(object);
    await expect(ring(object)).rejects.toThrow('D1 is away');
    db.prepare = prepare;
    expect(disk.kept.get('state')).toMatchObject({ status: 'SUCCEEDED' });
    await ring(await wake());
    expect(await db.prepare("SELECT role FROM uses WHERE key = 'spare'").first()).toEqual({ role: 'SPARE' });
  });

  it('is told while it cannot be delivered again and again, and delivered once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { disk, begun, ring, fetch, rows } = await house();
    const object = await begun({ ...one, webhook: 'https://example.org/hook' });
    fetch.mockResolvedValueOnce(new Response(null, { status: 503 })).mockRejectedValueOnce(new Error('refused'));
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ status: 'SUCCEEDED', webhookAttempts: [] });
    expect(fetch).not.toHaveBeenCalled();
    await ring(object);
    expect(await rows.find(id)).toMatchObject({ webhookAttempts: [{ status: 503, error: expect.any(String) }] });
    // Too early, as after a restart.
    const due = disk.alarm!;
    expect(due).toBeGreaterThanOrEqual(Date.now() + 5_000);
    await ring(object);
    expect([fetch.mock.calls.length, disk.alarm! >= due - 1_000]).toEqual([1, true]);
    for (let i = 0; i < 2; i++) {
      vi.setSystemTime(disk.alarm!);
      await ring(object);
    }
    expect(await object.snapshot()).toMatchObject({
      webhookAttempts: [{ status: 503 }, { status: null }, { status: 200, error: null }],
    });
    expect(await rows.find(id)).toMatchObject({ webhookAttempts: [{}, {}, { status: 200 }] });
    expect([disk.alarm, fetch.mock.calls.length]).toEqual([null, 3]);
    const [url, { body }] = fetch.mock.calls[2]!;
    expect([url, JSON.parse(String(body))]).toMatchObject([
      'https://example.org/hook',
      { type: 'generation.succeeded' },
    ]);
  });

  it('is not told again to a receiver that wants no more', async () => {
    const { disk, begun, ring, fetch } = await house();
    const object = await begun({ ...one, webhook: 'https://example.org/hook' });
    fetch.mockResolvedValue(new Response(null, { status: 410 }));
    await ring(object);
    await ring(object);
    expect([disk.alarm, fetch.mock.calls.length]).toEqual([null, 1]);
  });

  it('is delivered although rows cannot be written, and noted when they can', async () => {
    const { db, disk, begun, ring, fetch, rows } = await house();
    const object = await begun({ ...one, webhook: 'https://example.org/hook' });
    await ring(object);
    const { prepare } = db;
    db.prepare = () => {
      throw new Error('D1 is away');
    };
    await expect(ring(object)).rejects.toThrow('D1 is away');
    db.prepare = prepare;
    expect(disk.alarm).toBeGreaterThan(Date.now());
    await ring(object);
    expect(await rows.find(id)).toMatchObject({ webhookAttempts: [{ status: 200 }] });
    expect([disk.alarm, fetch.mock.calls.length]).toEqual([null, 1]);
  });
});

describe('cancelling', () => {
  it('ends what waits, and takes it out of the queue', async () => {
    const { wake, ring, rows, dispatcher, disk } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    expect(await object.cancel()).toMatchObject({ status: 'CANCELLED', finishedAt: expect.any(String) });
    expect(await rows.find(id)).toMatchObject({ status: 'CANCELLED' });
    expect(dispatcher.leave).toHaveBeenCalledWith(firstTicket);
    await ring(object);
    expect([disk.alarm, next.mock.calls.length]).toEqual([null, 0]);
    expect(await (await wake()).snapshot()).toMatchObject({ status: 'CANCELLED' });
  });

  it('lets go of what is being made, and keeps what was', async () => {
    const { ring, begun, left } = await house();
    const object = await begun();
    await ring(object);
    await object.proceed(secondTicket, null);
    const { end, tell, isAtWork } = working();
    const work = ring(object);
    await isAtWork();
    const running = withStatus((await object.snapshot())!, 'DENOISING');
    tell(running);
    expect(await object.cancel()).toMatchObject({ status: 'CANCELLED', images: [{}] });
    expect(left.mock.calls).toEqual([[secondTicket]]);
    // Late, as what it says.
    tell(running);
    end(succeeded(withImage(running, image), 'then'));
    await work;
    expect(await object.snapshot()).toMatchObject({ status: 'CANCELLED', images: [{}] });
  });

  it('leaves as it is what has ended, or is about to', async () => {
    const { wake, ring, begun, left } = await house();
    const object = await begun(one);
    const work = ring(object);
    const both = await Promise.all([work.then(() => object.cancel()), object.wait(5_000)]);
    expect(both.map(state => state!.status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(left).not.toHaveBeenCalled();
    expect(await (await (await house()).wake()).cancel()).toBeNull();
    expect(await (await wake()).cancel()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is one end, however often it is asked for', async () => {
    const { wake } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    const all = await Promise.all([object.cancel(), object.proceed(firstTicket, failure), object.cancel()]);
    const last = await object.snapshot();
    expect([all[0], all[2]]).toEqual([last, last]);
  });

  it('does no work in an alarm that comes while it ends', async () => {
    const { db, wake, ring, dispatcher } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    dispatcher.enqueue.mockClear();
    const { prepare } = db;
    let alarm: Promise<void> | null = null;
    db.prepare = sql => {
      if (sql.startsWith('UPDATE')) alarm ??= ring(object);
      return prepare(sql);
    };
    await object.cancel();
    await alarm;
    expect([dispatcher.enqueue.mock.calls.length, vi.mocked(decideSource).mock.calls.length]).toEqual([0, 0]);
  });
});

describe('deleting', () => {
  it('leaves nothing of a prompt that was encoded to be compared, when it is deleted meanwhile', async () => {
    const { db, bucket, blobs, wake, ring } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    const texts = new TextVectors(new EncodingStore(bucket, db));
    vi.mocked(decideSource).mockImplementationOnce(async job => {
      await object.delete();
      await texts.keep('c', [[1]], { prompt: Float32Array.of(1), embedding: null });
      expect(blobs.size).toBe(1);
      return { ...job, sources: [null] };
    });
    await ring(object);
    expect(next).not.toHaveBeenCalled();
    expect([await texts.find('c', [[1]]), blobs.size]).toEqual([null, 0]);
    expect(await object.snapshot()).toBeNull();
  });

  it('says what an image leaves behind that was stored, not held, when it is deleted', async () => {
    const { db, wake, bucket, blobs } = await house();
    const object = await wake();
    const startKey = 'e'.repeat(64);
    const start = { from: 'IMAGE', latentKey: startKey, strength: 1 } as const;
    const running = { ...job, startPixels: 'starts/x', parameters: { ...job.parameters, start } };
    await object.start(id, running, admission);
    const store = new LatentStore(bucket, db);
    const latent = { data: new Float32Array(1), dims: [1, 1, 1] };
    for (const key of [startKey, await latentKey(recipeOf(running, 0))]) {
      await store.save({ key, latent, pixels: null, checkpointDigest: 'c' });
    }
    const made = ['moments', 'prompt_embeds', 'pooled_prompt_embeds'].map(name => [name, latent] as const);
    await keepEncodings(running, new Map(made), new EncodingStore(bucket, db));
    const deletion = new Deletion({
      db,
      bucket,
      vectors: { remove: async () => {} },
      sources: { forget: async () => 0 },
    });
    expect(await deletion.generation(id, await object.delete())).toBe(true);
    expect([...blobs.keys()]).toEqual([]);
  });

  it('leaves nothing, whatever is under way', async () => {
    const { disk, wake, ring, rows, dispatcher } = await house();
    const object = await wake();
    await object.start(id, { ...job, webhook: 'https://example.org/hook' }, admission);
    const gate = Promise.withResolvers<void>();
    dispatcher.leave.mockReturnValueOnce(gate.promise);
    const cancelling = object.cancel();
    await vi.waitFor(() => expect(dispatcher.leave).toHaveBeenCalled());
    await object.delete();
    gate.resolve();
    expect(await cancelling).toBeNull();
    expect([disk.kept.size, await object.snapshot()]).toEqual([0, null]);
    await ring(object);
    expect([disk.kept.size, disk.alarm]).toEqual([0, null]);
    // The row is for others to delete.
    expect(await rows.find(id)).toMatchObject({ status: 'QUEUED' });
  });

  it('stops what is being made before it is asked for', async () => {
    const { disk, begun, ring } = await house();
    const object = await begun(one);
    const { get } = disk.storage;
    const deleted = Promise.withResolvers<unknown>();
    disk.storage.get = (async (key: string) => {
      if (key === 'attempts') deleted.resolve(await object.delete());
      return get(key);
    }) as typeof get;
    await ring(object);
    await deleted.promise;
    expect([next.mock.calls.length, disk.kept.size]).toEqual([0, 0]);
  });
});

describe('watching', () => {
  it('answers at once with what is newer than was seen, and then with every change', async () => {
    const { ring, begun } = await house();
    const object = await begun(one);
    const { tell, end, isAtWork } = working();
    const work = ring(object);
    await isAtWork();
    const first = (await object.watch(0))!;
    const second = object.watch(first.version);
    const running = withStatus(stepped(first.state, 0, 3, 10), 'DENOISING');
    const pixels = { data: new Uint8Array(12), dims: [1, 2, 2, 3] };
    tell(running, { step: 3, pixels });
    const seen = (await second)!;
    expect(seen.version).toBeGreaterThan(first.version);
    const dataUri = expect.stringMatching(/^data:image\/png;base64,/);
    expect(seen.state).toMatchObject({ status: 'DENOISING', step: 3, preview: { step: 3, dataUri } });
    const last = object.watch(seen.version);
    end(succeeded(running, 'then'));
    await work;
    expect((await last)!.state).toMatchObject({ status: 'SUCCEEDED' });
    expect((await last)!.state.preview ?? null).toBeNull();
  });

  it('tells where it waits, and how long; a new place is news', async () => {
    const { wake, dispatcher } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    const first = (await object.watch(0))!;
    expect(first.state).toMatchObject({ queuePosition: 3, etaMs: 4_000 });
    const second = object.watch(first.version);
    await new Promise(resolve => setTimeout(resolve, 20));
    dispatcher.place.mockResolvedValue({ position: 2, etaMs: 3_000 });
    expect((await second)!.state).toMatchObject({ queuePosition: 2, etaMs: 3_000 });
  });

  it('is told by all watchers what one has learnt', async () => {
    const { wake } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    const { version } = (await object.watch(0))!;
    const all = Promise.all(Array.from({ length: 100 }, () => object.watch(version)));
    await object.cancel();
    expect(new Set((await all).map(seen => seen!.state.status))).toEqual(new Set(['CANCELLED']));
  });

  it('is newer after a restart than before', async () => {
    const { wake } = await house();
    const object = await wake();
    await object.start(id, job, admission);
    const { version } = (await object.watch(0))!;
    await new Promise(resolve => setTimeout(resolve, 20));
    expect((await (await wake()).watch(version))!.version).toBeGreaterThan(version);
  });

  it('is null for what is deleted, and what never was', async () => {
    const { wake } = await house();
    const object = await wake();
    expect(await object.watch(0)).toBeNull();
    await object.start(id, job, admission);
    const { version } = (await object.watch(0))!;
    const watching = object.watch(version);
    await object.delete();
    expect([await watching, await object.wait(1_000)]).toEqual([null, null]);
  });

  it('goes on where the dispatcher does not answer', async () => {
    const { wake, dispatcher } = await house();
    dispatcher.place.mockRejectedValue(new Error('restarted'));
    const object = await wake();
    await object.start(id, job, admission);
    expect((await object.watch(0))!.state).toMatchObject({ status: 'QUEUED', queuePosition: null, etaMs: null });
  });
});
