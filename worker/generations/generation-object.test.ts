import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { GenerationState } from '../../schema/context.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { decideSource } from '../approximate/decide-source.ts';
import { Deletion } from '../deletion/deletion.ts';
import { keepEncodings } from '../developments/encodings-of-job.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { TextVectors } from '../similarity/text-vectors.ts';
import { GenerationObject } from './generation-object.ts';
import { GenerationRows } from './generation-rows.ts';
import { type Job, recipeOf } from './job.ts';
import { makeNextImage } from './next-image.ts';
import { failed, succeeded, withImage } from './progress.ts';

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
vi.mock('../services.ts', () => ({ createCheckpoints: () => ({ refresh: async () => {} }) }));
vi.mock('./next-image.ts');
vi.mock('../approximate/decide-source.ts', { spy: true });

const job = { parameters: { steps: 1, count: 2 } } as Job;
const id = 'a'.repeat(32);
const each = { seed: 1, guidanceScale: 1, eta: 0, clipSkip: null, width: 8, height: 8, reuse: 'EXACT' };
/** With all that its keys are made of. */
const whole = {
  checkpointDigest: 'c',
  scheduler: {},
  report: { modelTokenIds: [[1]] },
  parameters: { ...job.parameters, ...each },
} as unknown as Job;
const image = {} as GenerationState['images'][number];

/** Storage that outlives the object, as a disk does. */
function storage() {
  const kept = new Map<string, unknown>();
  return {
    alarm: null as number | null,
    kept,
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    async put(key: string | object, value?: unknown) {
      for (const [name, each] of typeof key === 'string' ? [[key, value] as const] : Object.entries(key)) {
        kept.set(name, structuredClone(each));
      }
    },
    async deleteAlarm() {
      this.alarm = null;
    },
    async deleteAll() {
      kept.clear();
    },
    async setAlarm(time: number) {
      this.alarm = time;
    },
    async getAlarm() {
      return this.alarm;
    },
  };
}

async function house() {
  const db = await memoryD1();
  const disk = storage();
  const { bucket, blobs } = memoryR2();
  const DEVELOPMENTS = { getByName: () => ({ leave: async () => {} }) };
  const env = { DB: db, BLOBS: bucket, DEVELOPMENTS, BACKEND_SECRET: 'b'.repeat(32), URL_SECRET: 'u'.repeat(32) };
  const wake = async () => {
    const ctx = { storage: disk, waitUntil: () => {}, blockConcurrencyWhile: <T>(work: () => Promise<T>) => work() };
    const object = new GenerationObject(ctx as unknown as DurableObjectState, env);
    await new Promise(resolve => setTimeout(resolve));
    return object;
  };
  /** What the runtime does when it is time. */
  const ring = async (object: GenerationObject) => {
    disk.alarm = null;
    await object.alarm();
  };
  return { db, bucket, blobs, disk, wake, ring, rows: new GenerationRows(db) };
}

const next = vi.mocked(makeNextImage);
beforeEach(() => {
  next.mockReset();
  next.mockImplementation(async (_, first, __, ___, listener) => {
    const state = withImage(first, image);
    // As with a backend: without one, the next image would be made at once.
    listener.begun();
    return state.images.length === 2 ? succeeded(state, 'then') : state;
  });
});

describe('GenerationObject', () => {
  it('leaves nothing of a prompt that was encoded to be compared, when it is deleted meanwhile', async () => {
    const { db, bucket, blobs, wake, ring } = await house();
    const object = await wake();
    await object.start(id, whole, 1, id);
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

  it('makes one image an alarm, and is not interrupted by a restart in between', async () => {
    const { disk, wake, ring, rows } = await house();
    const object = await wake();
    await object.start(id, job, 1, id);
    await ring(object);
    expect(next).toHaveBeenCalledTimes(1);
    expect(disk.alarm).not.toBeNull();
    expect(await object.snapshot()).toMatchObject({ status: 'QUEUED', images: [{}] });

    const restarted = await wake();
    await ring(restarted);
    expect(await restarted.snapshot()).toMatchObject({ status: 'SUCCEEDED', images: [{}, {}] });
    expect(await rows.find(id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(disk.alarm).toBeNull();
  });

  it('goes on waiting after a restart, but does not begin again what had begun', async () => {
    const { wake, ring } = await house();
    next.mockImplementationOnce(() => new Promise(() => {}));
    const object = await wake();
    await object.start(id, job, 1, id);
    void ring(object);
    const waiting = await wake();
    next.mockImplementationOnce((_, __, ___, ____, listener) => {
      listener.begun();
      return new Promise(() => {});
    });
    void ring(waiting);
    await vi.waitFor(() => expect(next).toHaveBeenCalledTimes(2));
    const begun = await wake();
    await ring(begun);
    expect(next).toHaveBeenCalledTimes(2);
    expect(await begun.snapshot()).toMatchObject({ status: 'FAILED', failure: { retryable: true } });
  });

  it('goes on with what was stored before it was interrupted', async () => {
    const { db, disk, wake, ring, bucket } = await house();
    const object = await wake();
    await object.start(id, whole, 1, id);
    await disk.put('begun', true);
    const key = await latentKey(recipeOf(whole, 0));
    const latent = { data: new Float32Array(1), dims: [1, 1, 1] };
    const pixels = { data: new Uint8Array(3), width: 1, height: 1 };
    await new LatentStore(bucket, db).save({ key, latent, pixels, checkpointDigest: 'c' });
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ failure: null, images: [{}] });
  });

  it('tries the last row again by alarm', async () => {
    const { db, disk, wake, ring, rows } = await house();
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const object = await wake();
    await object.start(id, { ...job, parameters: { ...job.parameters, count: 1 } }, 1, id);
    next.mockImplementationOnce(async (_, first) => succeeded(first, 'then'));
    const prepare = db.prepare;
    db.prepare = () => {
      throw new Error('D1 is away');
    };
    await ring(object);
    expect(await object.snapshot()).toMatchObject({ status: 'SUCCEEDED' });
    expect(disk.alarm).toBeGreaterThan(Date.now());
    await ring(object);
    expect(disk.alarm).toBeGreaterThan(Date.now());
    db.prepare = prepare;
    expect(await rows.find(id)).toMatchObject({ status: 'QUEUED' });
    await ring(object);
    expect(await rows.find(id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(disk.alarm).toBeNull();
    error.mockRestore();
  });

  it('has its end, although the spare images could not be let go of, which is tried again', async () => {
    const { db, disk, wake, ring } = await house();
    const object = await wake();
    await object.start(id, { ...job, parameters: { ...job.parameters, keep: 1 } }, 1, id);
    await db.prepare("INSERT INTO uses (key, generation_id, role) VALUES ('spare', ?, 'IMAGE')").bind(id).run();
    next.mockImplementationOnce(async (_, first) => succeeded(first, 'then'));
    const prepare = db.prepare;
    db.prepare = sql => {
      if (sql.includes('SPARE')) throw new Error('D1 is away');
      return prepare(sql);
    };
    await expect(ring(object)).rejects.toThrow('D1 is away');
    db.prepare = prepare;
    expect(disk.kept.get('state')).toMatchObject({ status: 'SUCCEEDED' });
    await ring(await wake());
    expect(await db.prepare("SELECT role FROM uses WHERE key = 'spare'").first()).toEqual({ role: 'SPARE' });
  });

  it('says what an image leaves behind that was stored, not held, when it is deleted', async () => {
    const { db, wake, bucket, blobs } = await house();
    const object = await wake();
    const startKey = 'e'.repeat(64);
    const start = { from: 'IMAGE', latentKey: startKey, strength: 1 } as const;
    const running = { ...whole, startPixels: 'starts/x', parameters: { ...whole.parameters, start } };
    await object.start(id, running, 1, id);
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

  it('has one end, whoever sees it first', async () => {
    const { disk, wake } = await house();
    const object = await wake();
    await object.start(id, job, 1, id);
    // Neither work nor an alarm: every reader finds that out.
    disk.alarm = null;
    const seen = await Promise.all([object.snapshot(), object.wait(5), object.snapshot()]);
    expect(new Set(seen.map(state => state!.finishedAt)).size).toBe(1);
    expect(seen[0]).toMatchObject({ status: 'FAILED' });
  });

  it('is as if it had never been when there is no room', async () => {
    const { disk, wake, rows } = await house();
    const object = await wake();
    expect(await object.start(id, job, 0, id)).toBeNull();
    expect([disk.kept.size, disk.alarm, await rows.find(id)]).toEqual([0, null, null]);
  });
});

describe('GenerationRows', () => {
  it('keeps the end against what comes late', async () => {
    const { rows, wake } = await house();
    const state = (await (await wake()).start(id, job, 1, id))!;
    await rows.save(succeeded(state, 'then'));
    await rows.save(failed(state, { code: 'INTERNAL', message: '', stage: null, retryable: false }, 'later'));
    expect(await rows.find(id)).toMatchObject({ status: 'SUCCEEDED', finishedAt: 'then' });
  });
});
