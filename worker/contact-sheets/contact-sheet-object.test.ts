import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GenerationState, type GenerationStatus, RetryLater } from '../../schema/context.ts';
import { memoryD1, memoryR2, memoryStorage } from '../../test/edge/in-memory.ts';
import { Deletion } from '../deletion/deletion.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { ContactSheetObject } from './contact-sheet-object.ts';
import { ContactSheetRows, type NewSheet } from './contact-sheet-rows.ts';
import { cell, idOf, keyOf } from './testing/cells.ts';

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
const services = vi.hoisted(() => ({ generations: null as unknown, deletion: null as unknown }));
vi.mock('../services.ts', () => ({ createServices: () => services }));
vi.mock('../deletion/create.ts', () => ({ createDeletion: () => services.deletion }));

const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const sheet: NewSheet = {
  id: idOf(9),
  createdAt: '2026-03-01T00:00:00.000Z',
  axes: { x: { parameter: 'STEPS', labels: ['1', '2'] }, y: null },
  cells: [idOf(1), idOf(2)],
};

async function house() {
  const db = await memoryD1();
  const disk = memoryStorage();
  const { bucket, blobs } = memoryR2();
  const rows = new ContactSheetRows(db);
  const made = new GenerationRows(db);
  const latents = new LatentStore(bucket, db);
  const pixels = { data: new Uint8Array(8 * 8 * 3), width: 8, height: 8 };
  for (const number of [1, 2]) {
    const latent = { data: Float32Array.of(number), dims: [1, 1, 1] };
    await latents.save({ key: keyOf(number), latent, pixels, checkpointDigest: 'c' });
    await made.admit(cell(number, 'QUEUED'), alone);
  }
  const deletion = new Deletion({
    db,
    bucket,
    vectors: { remove: async () => {} },
    sources: { forget: async () => 0 },
  });
  const become = (number: number, status: GenerationStatus) => made.save(cell(number, status));
  const generations = {
    findMany: async (ids: readonly string[]) =>
      new Map((await made.findMany(ids)).map(state => [state.id, state] as [string, GenerationState])),
    find: (id: string) => made.find(id),
    wait: vi.fn(async (id: string, _: number) => made.find(id)),
    cancel: vi.fn(async (id: string) => made.save(cell(Number(id), 'CANCELLED'))),
    delete: vi.fn(async (id: string) => deletion.generation(id)),
  };
  Object.assign(services, { generations, deletion });
  const env = { DB: db, BLOBS: bucket, BACKEND_SECRET: 'b'.repeat(32), URL_SECRET: 'u'.repeat(32) };
  /** After a crash, or for the first time. */
  const wake = async () => {
    const ctx = {
      storage: disk.storage,
      waitUntil: () => {},
      blockConcurrencyWhile: <T>(work: () => Promise<T>) => work(),
    };
    const object = new ContactSheetObject(ctx as unknown as DurableObjectState, env);
    await new Promise(resolve => setTimeout(resolve));
    return object;
  };
  /** What the runtime does when it is time. */
  const ring = async (object: ContactSheetObject) => {
    disk.alarm = null;
    await object.alarm();
  };
  const accepted = async () => {
    const object = await wake();
    await object.begin(sheet);
    expect(await object.accept(null)).toBe('ADMITTED');
    return object;
  };
  /** As if they had made room: from now on it takes a backend, of which there is none. */
  const losePictures = async () => {
    const pictures = [...blobs].filter(([name]) => name.startsWith('pixels/'));
    expect(pictures).not.toEqual([]);
    for (const [name] of pictures) blobs.delete(name);
    const { results } = await db
      .prepare('SELECT key, pixels_blob FROM latents')
      .all<{ key: string; pixels_blob: string }>();
    return {
      /** Somebody has decoded them. */
      async restore() {
        for (const [name, bytes] of pictures) blobs.set(name, bytes);
        const update = db.prepare('UPDATE latents SET pixels_blob = ? WHERE key = ?');
        for (const { key, pixels_blob } of results) await update.bind(pixels_blob, key).run();
      },
    };
  };
  const files = () => [...blobs.keys()].filter(name => name.startsWith('sheets/'));
  return { db, disk, bucket, rows, made, become, generations, deletion, wake, ring, accepted, losePictures, files };
}

let errors: ReturnType<typeof vi.spyOn>;
let warnings: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  errors.mockRestore();
  warnings.mockRestore();
  vi.useRealTimers();
});

describe('following', () => {
  it('waits for all of its generations, draws the picture, and forgets the sheet', async () => {
    const { disk, rows, become, ring, accepted, files, generations } = await house();
    const object = await accepted();
    expect(disk.alarm).toBeLessThanOrEqual(Date.now());
    await become(1, 'SUCCEEDED');
    generations.wait.mockImplementationOnce(async () => cell(1, 'DENOISING'));
    generations.wait.mockImplementationOnce(async () => cell(1, 'SUCCEEDED'));
    generations.wait.mockImplementationOnce(async () => {
      await become(2, 'SUCCEEDED');
      return cell(2, 'SUCCEEDED');
    });
    await ring(object);
    expect(generations.wait.mock.calls.map(([id]) => id)).toEqual([idOf(1), idOf(1), idOf(2)]);
    const { end } = (await rows.find(sheet.id))!;
    expect(end).toMatchObject({ status: 'SUCCEEDED', failure: null, picture: { width: expect.any(Number) } });
    expect(files()).toEqual([`${end!.picture!.blob}.png`]);
    expect(disk.kept.size).toBe(0);
    expect(disk.alarm).toBeNull();
  });

  it('goes on after a crash at any moment: an alarm always stands ready', async () => {
    const { disk, rows, become, wake, ring, accepted, files, generations } = await house();
    const object = await accepted();
    generations.wait.mockImplementationOnce(() => new Promise(() => {}));
    void ring(object);
    await vi.waitFor(() => expect(generations.wait).toHaveBeenCalled());
    expect(disk.alarm).toBeGreaterThan(Date.now());
    await become(1, 'SUCCEEDED');
    await become(2, 'FAILED');
    await ring(await wake());
    expect((await rows.find(sheet.id))!.end).toMatchObject({ status: 'FAILED', failure: { message: 'NaN 2' } });
    expect(files()).toHaveLength(1);
  });

  it('draws nothing where there is nothing', async () => {
    const { rows, become, ring, accepted, files } = await house();
    const object = await accepted();
    await become(1, 'FAILED');
    await become(2, 'CANCELLED');
    await ring(object);
    expect((await rows.find(sheet.id))!.end).toMatchObject({ status: 'FAILED', picture: null });
    expect(files()).toEqual([]);
  });

  it('goes on in another alarm where it takes long', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { disk, ring, accepted, generations, rows } = await house();
    const object = await accepted();
    generations.wait.mockImplementation(async (_, milliseconds) => {
      vi.setSystemTime(Date.now() + milliseconds);
      return cell(1, 'QUEUED');
    });
    const began = Date.now();
    await ring(object);
    expect(Date.now() - began).toBe(10 * 60_000);
    expect(disk.alarm).toBeLessThanOrEqual(Date.now());
    expect((await rows.find(sheet.id))!.end).toBeNull();
  });

  it('tries again what is in the way for a while, and gives up in the end', async () => {
    const { disk, rows, become, ring, accepted, files } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    const { mock } = vi.spyOn(LatentStore.prototype, 'pixels').mockRejectedValue(new Error('no backend'));
    for (let attempt = 1; attempt <= 5; attempt++) {
      await ring(object);
      expect((await rows.find(sheet.id))!.end).toBeNull();
      expect(disk.alarm).toBeGreaterThan(Date.now());
    }
    expect(mock.calls).toHaveLength(5);
    vi.mocked(LatentStore.prototype.pixels).mockRestore();
    await ring(object);
    expect((await rows.find(sheet.id))!.end).toMatchObject({
      status: 'FAILED',
      failure: { code: 'INTERNAL', stage: 'STORE' },
    });
    expect(files()).toEqual([]);
    expect(disk.kept.size).toBe(0);
  });

  it('waits for a backend as long as generations do where a picture has to be decoded anew', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { disk, rows, become, ring, accepted, losePictures } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    const kept = await losePictures();
    for (let tried = 0; tried < 30; tried++) {
      await ring(object);
      expect((await rows.find(sheet.id))!.end).toBeNull();
      expect(disk.alarm! - Date.now()).toBe(10_000);
      vi.setSystemTime(disk.alarm!);
    }
    expect(errors).not.toHaveBeenCalled();
    await kept.restore();
    await ring(object);
    expect((await rows.find(sheet.id))!.end).toMatchObject({
      status: 'SUCCEEDED',
      picture: { width: expect.any(Number) },
    });
  });

  it('has no picture where there is no backend for too long', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { disk, rows, become, ring, accepted, losePictures, files } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    await losePictures();
    const began = Date.now();
    await ring(object);
    while ((await rows.find(sheet.id))!.end === null) {
      vi.setSystemTime(disk.alarm!);
      await ring(object);
    }
    expect(Date.now() - began).toBe(600_000);
    expect((await rows.find(sheet.id))!.end).toMatchObject({
      status: 'FAILED',
      failure: { code: 'BACKEND_UNAVAILABLE', stage: 'DECODE', retryable: true },
      picture: null,
    });
    expect(files()).toEqual([]);
    expect(disk.kept.size).toBe(0);
  });

  it('ends with its row where a generation was deleted, and leaves the others alone', async () => {
    const { disk, made, deletion, ring, accepted } = await house();
    const object = await accepted();
    await deletion.generation(idOf(1));
    await ring(object);
    expect(await made.find(idOf(2))).not.toBeNull();
    expect(disk.kept.size).toBe(0);
  });

  it('draws for nobody what was deleted while it drew', async () => {
    const { disk, become, ring, accepted, deletion, files, bucket } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    const put = bucket.put.bind(bucket);
    bucket.put = async (name, ...rest) => {
      await deletion.generation(idOf(1));
      return put(name, ...rest);
    };
    await ring(object);
    expect(files()).toEqual([]);
    expect(disk.kept.size).toBe(0);
  });
});

describe('accepting', () => {
  it('removes the generations of a sheet that was never accepted', async () => {
    const { disk, made, wake, ring } = await house();
    await (await wake()).begin(sheet);
    expect(disk.alarm).toBeGreaterThan(Date.now() + 60_000);
    const object = await wake();
    await ring(object);
    expect(await made.count(null)).toBe(0);
    expect(disk.kept.size).toBe(0);
    expect(await object.accept(null)).toBe('GONE');
  });

  it('goes on where it died right after the row was written', async () => {
    const { disk, rows, become, wake, ring, made } = await house();
    const object = await wake();
    await object.begin(sheet);
    const put = disk.storage.put.bind(disk.storage);
    disk.storage.put = async () => Promise.reject(new Error('killed'));
    await expect(object.accept(null)).rejects.toThrow('killed');
    disk.storage.put = put;
    expect(disk.alarm).toBeLessThan(Date.now() + 10_000);
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    await ring(await wake());
    expect((await rows.find(sheet.id))!.end).toMatchObject({ status: 'SUCCEEDED' });
    expect(await made.count(null)).toBe(2);
  });

  it('does not take it for abandoned while it is accepted', async () => {
    const { rows, wake, ring, made, disk } = await house();
    const object = await wake();
    await object.begin(sheet);
    const admit = Promise.withResolvers<void>();
    const original = ContactSheetRows.prototype.admit;
    const spied = vi.spyOn(ContactSheetRows.prototype, 'admit').mockImplementation(async function (
      this: ContactSheetRows,
      ...args
    ) {
      await admit.promise;
      return original.apply(this, args);
    });
    const accepting = object.accept(null);
    await vi.waitFor(() => expect(spied).toHaveBeenCalled());
    await ring(object);
    expect(disk.alarm).toBeGreaterThan(Date.now());
    admit.resolve();
    expect(await accepting).toBe('ADMITTED');
    spied.mockRestore();
    expect(await rows.find(sheet.id)).not.toBeNull();
    expect(await made.count(null)).toBe(2);
  });
});

describe('cancelling', () => {
  it('stops its generations and draws those that are there', async () => {
    const { rows, become, accepted, generations, files, disk } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    await object.cancel();
    expect(generations.cancel).toHaveBeenCalledTimes(2);
    expect((await rows.find(sheet.id))!.end).toMatchObject({ status: 'CANCELLED', failure: null });
    expect(files()).toHaveLength(1);
    await object.cancel();
    expect(generations.cancel).toHaveBeenCalledTimes(2);
    expect(disk.alarm).toBeNull();
  });

  it.each([
    ['no backend decodes a picture now', new RetryLater('BACKEND_UNAVAILABLE', 'none', 1)],
    ['something is in the way of the picture', new Error('killed')],
  ])('has stopped them though %s, which its alarm draws later', async (_, fault) => {
    const { rows, become, accepted, ring, disk, made } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    const pixels = vi.spyOn(LatentStore.prototype, 'pixels').mockRejectedValue(fault);
    await object.cancel();
    pixels.mockRestore();
    expect(await made.find(idOf(2))).toMatchObject({ status: 'CANCELLED' });
    expect((await rows.find(sheet.id))!.end).toBeNull();
    expect(disk.alarm).toBeGreaterThan(Date.now());
    await ring(object);
    expect((await rows.find(sheet.id))!.end).toMatchObject({
      status: 'CANCELLED',
      picture: { width: expect.any(Number) },
    });
  });

  it('is one end, though its alarm sees it coming too', async () => {
    const { rows, accepted, ring, become, generations, files } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    const ended = Promise.withResolvers<void>();
    generations.wait.mockImplementation(async id => {
      await ended.promise;
      return (await generations.findMany([id])).get(id)!;
    });
    const ringing = ring(object);
    const cancelling = object.cancel();
    ended.resolve();
    await Promise.all([ringing, cancelling]);
    expect((await rows.find(sheet.id))!.end).toMatchObject({ status: 'CANCELLED' });
    expect(files()).toHaveLength(1);
  });
});

describe('waiting', () => {
  it('lasts until the end', async () => {
    const { become, accepted, ring } = await house();
    const object = await accepted();
    const waited = vi.fn();
    const waiting = object.wait(60_000).then(waited);
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(waited).not.toHaveBeenCalled();
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    await ring(object);
    await waiting;
  });

  it('lasts no longer than it is asked to, and not at all for one that has ended', async () => {
    const { accepted, wake } = await house();
    await (await wake()).wait(60_000);
    const object = await accepted();
    const began = performance.now();
    await object.wait(20);
    expect(performance.now() - began).toBeGreaterThan(15);
  });
});

describe('removing', () => {
  it('leaves nothing of it, though it had ended and was forgotten', async () => {
    const { rows, made, become, accepted, ring, wake, files, disk } = await house();
    const object = await accepted();
    await become(1, 'SUCCEEDED');
    await become(2, 'SUCCEEDED');
    await ring(object);
    await (await wake()).remove(sheet.id, sheet.cells);
    expect(await rows.find(sheet.id)).toBeNull();
    expect(await made.count(null)).toBe(0);
    expect(files()).toEqual([]);
    expect(disk.kept.size).toBe(0);
    expect(disk.alarm).toBeNull();
  });

  it('goes on after a crash', async () => {
    const { made, accepted, wake, ring, generations, disk } = await house();
    const object = await accepted();
    generations.delete.mockRejectedValueOnce(new Error('killed'));
    await expect(object.remove(sheet.id, sheet.cells)).rejects.toThrow('killed');
    expect(await made.count(null)).toBe(1);
    expect(disk.alarm).not.toBeNull();
    await ring(await wake());
    expect(await made.count(null)).toBe(0);
    expect(disk.kept.size).toBe(0);
  });

  it('ends the waiting of those who wait for it', async () => {
    const { accepted } = await house();
    const object = await accepted();
    const waiting = object.wait(60_000);
    await object.remove(sheet.id, sheet.cells);
    await waiting;
  });
});
