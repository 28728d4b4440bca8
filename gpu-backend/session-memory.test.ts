import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StableDiffusionPipeline } from '../models/pipeline.ts';
import type { FloatTensor, Runtime } from '../models/runtime.ts';
import { onDisk, tinyFolder } from '../test/models/tiny-checkpoint.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import { createOnnxRuntime } from './onnxruntime-node.ts';
import { OverBudget, type SessionChange, SessionMemory, type SessionMemoryOptions } from './session-memory.ts';

const folders: string[] = [];
/** What the decoder's session of each of them takes, and what all sessions of one take. */
let decoderBytes: number;
let allBytes: number;
let changes: SessionChange[];

beforeAll(async () => {
  for (const seed of [1, 2, 3]) folders.push(await onDisk(tinyFolder(undefined, seed)));
  const { sessions } = await open(new SessionMemory({ budget: Number.POSITIVE_INFINITY }), 'a');
  decoderBytes = sessions.at(-1)!.held;
  allBytes = sessions.reduce((sum, { held }) => sum + held, 0);
});
afterAll(() => folders.forEach(folder => void rmSync(folder, { recursive: true })));
beforeEach(() => {
  changes = [];
});

/** A checkpoint called `a`, `b` or `c` on ONNX Runtime, with sessions kept in the memory. */
async function open(memory: SessionMemory, name: string): Promise<StableDiffusionPipeline> {
  const folder = folders['abc'.indexOf(name)]!;
  const runtime = memory.runtime(name, createOnnxRuntime({ folder, threads: 1 }));
  return StableDiffusionPipeline.load(checkpointFiles(folder), runtime);
}

function memoryOf(budget: number, options: Partial<SessionMemoryOptions> = {}): SessionMemory {
  return new SessionMemory({ budget, onChange: change => changes.push(change), ...options });
}

const happened = () => changes.map(({ change, checkpoint, part }) => `${change} ${checkpoint}/${part}`);
const latent: FloatTensor = { data: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)), dims: [1, 3, 4, 4] };

describe('SessionMemory', () => {
  it('releases what was not used for longest, and creates it again when it is needed', async () => {
    const memory = memoryOf(2.5 * decoderBytes);
    const pipelines = new Map<string, StableDiffusionPipeline>();
    for (const name of ['a', 'b', 'c']) pipelines.set(name, await open(memory, name));
    const pictures: FloatTensor[] = [];
    for (const name of ['a', 'b', 'a', 'c', 'b']) {
      const hold = memory.hold(name, []);
      pictures.push(await pipelines.get(name)!.decode(latent));
      await memory.endJob(hold);
    }
    expect(happened()).toEqual([
      'created a/vae',
      'created b/vae',
      'evicted b/vae',
      'created c/vae',
      'evicted a/vae',
      'created b/vae',
    ]);
    expect(pictures[4]).toEqual(pictures[1]);
    expect(pictures[1]).not.toEqual(pictures[0]);
    expect(memory.byCheckpoint).toEqual({ b: decoderBytes, c: decoderBytes });
  });

  it('counts what sessions take', async () => {
    const memory = memoryOf(2 * allBytes);
    const a = await open(memory, 'a');
    expect(memory.bytes).toBe(0);
    await a.warm(['DECODE']);
    expect(memory.bytes).toBe(decoderBytes);
    expect(changes).toMatchObject([{ bytes: decoderBytes, ms: expect.any(Number) }]);
    await a.warm(['TEXT_ENCODE', 'IMAGE_ENCODE', 'DENOISE', 'DECODE']);
    expect(memory.byCheckpoint).toEqual({ a: allBytes });
    await a.release();
    expect(memory.byCheckpoint).toEqual({});
  });

  it('takes nothing from a job before it is over', async () => {
    const memory = memoryOf(allBytes + decoderBytes / 2);
    const [a, b] = [await open(memory, 'a'), await open(memory, 'b')];
    await b.warm(['DECODE']);
    const hold = memory.hold('a', a.sessions);
    await a.warm(['TEXT_ENCODE', 'IMAGE_ENCODE', 'DENOISE', 'DECODE']);
    expect(happened()).toContain('evicted b/vae');
    changes = [];
    await expect(b.decode(latent)).rejects.toThrow(OverBudget);
    await a.decode(latent);
    expect(changes).toEqual([]);
    await memory.endJob(hold);
    await b.decode(latent);
    expect(happened().at(-1)).toBe('created b/vae');
  });

  it('refuses before anything is created what cannot be there, and says what is needed and allowed', async () => {
    const memory = memoryOf(allBytes - 1);
    const { sessions } = await open(memory, 'a');
    expect(() => memory.expectRoomFor(sessions)).toThrow(OverBudget);
    expect(() => memory.expectRoomFor(sessions)).toThrow(/^its sessions need [\d.]+ KiB of memory, and [\d.]+ KiB are/);
    expect(changes).toEqual([]);
    memory.expectRoomFor(sessions.slice(1));
    expect(memory.hasRoomFor(sessions.slice(1))).toBe(true);
  });

  it('counts weights that are widened once more while they are', () => {
    const memory = memoryOf(2000);
    memory.expectRoomFor([{ held: 1100, widened: 1100 }]);
    memory.expectRoomFor([
      { held: 300, widened: 300 },
      { held: 1100, widened: 1100 },
    ]);
    const needed = { needed: 2040, allowed: 2000 };
    expect(() => memory.expectRoomFor([{ held: 1200, widened: 1200 }])).toThrow(expect.objectContaining(needed));
    expect(() => memory.expectRoomFor([{ held: 1200, widened: 1200 }])).toThrow('(1.2 KiB once they are created)');
  });

  describe('while a session is created', () => {
    let created: string[];
    const counting: Runtime = {
      async createSession(_, part) {
        created.push(part);
        return { run: async () => ({}), release: async () => undefined };
      },
    };
    const create = (memory: SessionMemory, part: string, bytes: number) =>
      memory.runtime('a', counting).createSession(new Uint8Array(), part, { held: bytes, widened: bytes });
    beforeEach(() => {
      created = [];
    });

    it('refuses what its widening leaves no room for, in whatever order', async () => {
      const memory = memoryOf(2000);
      memory.hold('a', []);
      await expect(create(memory, 'unet', 1200)).rejects.toThrow(expect.objectContaining({ needed: 2040 }));
      await create(memory, 'unet', 1000);
      await expect(create(memory, 'text_encoder', 700)).rejects.toThrow(expect.objectContaining({ needed: 2190 }));
      expect(created).toEqual(['unet']);
    });

    it('refuses nothing that expectRoomFor has let pass, though a smaller one came first', async () => {
      const memory = memoryOf(2000);
      const weights = [300, 1100].map(bytes => ({ held: bytes, widened: bytes }));
      memory.expectRoomFor(weights);
      memory.hold('a', weights);
      await create(memory, 'text_encoder', 300);
      await create(memory, 'unet', 1100);
      expect(created).toEqual(['text_encoder', 'unet']);
    });
  });

  it('does not count a session that could not be created, and tries again', async () => {
    const memory = memoryOf(1000);
    let failures = 1;
    const failing: Runtime = {
      async createSession() {
        if (failures-- > 0) throw new Error('no memory');
        return { run: async () => ({}), release: async () => undefined };
      },
    };
    const create = () => memory.runtime('a', failing).createSession(new Uint8Array(), 'unet', { held: 7, widened: 0 });
    await expect(create()).rejects.toThrow('no memory');
    expect(memory.bytes).toBe(0);
    await create();
    expect(memory.bytes).toBe(7);
  });
});

describe('several jobs at once', () => {
  const stages = ['TEXT_ENCODE', 'DENOISE', 'DECODE'] as const;

  it('of one checkpoint share its sessions, which stay until the last of them is over', async () => {
    const memory = memoryOf(1.5 * allBytes);
    const [a, b] = [await open(memory, 'a'), await open(memory, 'b')];
    const holds = [await memory.beginJob('a', a.sessions), await memory.beginJob('a', a.sessions)];
    await Promise.all(holds.map(() => a.warm(stages)));
    expect(happened()).toEqual(['created a/text_encoder', 'created a/unet', 'created a/vae']);
    const other = memory.beginJob('b', b.sessions).then(async hold => {
      await b.warm(stages);
      await memory.endJob(hold!);
    });
    await memory.endJob(holds[0]!);
    await a.decode(latent);
    expect(happened()).toHaveLength(3);
    await memory.endJob(holds[1]!);
    await other;
    expect(happened().slice(3).toSorted().slice(0, 3)).toEqual([
      'created b/text_encoder',
      'created b/unet',
      'created b/vae',
    ]);
    expect(memory.bytes).toBeLessThanOrEqual(memory.budget);
  });

  it('of two checkpoints that have room together take nothing from each other, only from a third', async () => {
    const memory = memoryOf(2.2 * allBytes);
    const [a, b, c] = [await open(memory, 'a'), await open(memory, 'b'), await open(memory, 'c')];
    const third = memory.hold('c', c.sessions);
    await c.warm(stages);
    await memory.endJob(third);
    const holds = [await memory.beginJob('a', a.sessions), await memory.beginJob('b', b.sessions)];
    await Promise.all([a, b].map(each => each.warm(stages)));
    await Promise.all([a, b].map(each => each.decode(latent)));
    const lost = happened().filter(change => change.startsWith('evicted'));
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every(change => change.startsWith('evicted c/'))).toBe(true);
    expect(memory.bytes).toBeLessThanOrEqual(memory.budget);
    for (const hold of holds) await memory.endJob(hold!);
  });

  it('create a session that was released once for all who need it at the same moment', async () => {
    const plain: Runtime = {
      createSession: async () => ({ run: async () => ({}), release: async () => undefined }),
    };
    const memory = memoryOf(100);
    const weights = { held: 90, widened: 0 };
    const [a, b] = await Promise.all(
      ['a', 'b'].map(name => memory.runtime(name, plain).createSession(new Uint8Array(), 'unet', weights)),
    );
    expect(happened()).toEqual(['created a/unet', 'evicted a/unet', 'created b/unet']);
    const holds = [await memory.beginJob('a', [weights]), await memory.beginJob('a', [weights])];
    await Promise.all([a!.run({}), a!.run({}), a!.load!()]);
    expect(happened().slice(3)).toEqual(['evicted b/unet', 'created a/unet']);
    for (const hold of holds) await memory.endJob(hold!);
    await b!.release();
  });
});

describe('where the process tells what sessions take', () => {
  const MiB = 2 ** 20;

  it('counts what a session keeps of the memory it worked in, until it is released', async () => {
    let resident = 0;
    const growing: Runtime = {
      async createSession() {
        resident += 140 * MiB;
        return {
          async run({ x }) {
            resident += x!.data.length * MiB;
            return {};
          },
          release: async () => undefined,
        };
      },
    };
    const memory = memoryOf(300 * MiB, { resident: () => resident });
    const create = (name: string) =>
      memory.runtime(name, growing).createSession(new Uint8Array(), 'unet', { held: 90 * MiB, widened: 0 });
    const run = async (session: Awaited<ReturnType<typeof create>>, size: number) =>
      session.run({ x: { data: new Float32Array(size), dims: [size] } });

    const jobOfA = memory.hold('a', []);
    const a = await create('a');
    // 50 MiB more than its weights are as likely anything else's.
    expect(memory.byCheckpoint).toEqual({ a: 90 * MiB });
    await run(a, 70);
    await run(a, 70);
    await run(a, 65);
    expect(memory.byCheckpoint).toEqual({ a: 160 * MiB });
    await memory.endJob(jobOfA);

    const jobOfB = memory.hold('b', []);
    const b = await create('b');
    await run(b, 80);
    expect(memory.bytes).toBe(330 * MiB);
    expect(happened()).not.toContain('evicted a/unet');
    await memory.endJob(jobOfB);
    expect(memory.byCheckpoint).toEqual({ b: 170 * MiB });
    await a.load!();
    expect(memory.byCheckpoint).toEqual({ a: 90 * MiB, b: 170 * MiB });
  });

  it('tells apart what grows at the same time', async () => {
    let resident = 0;
    const growing: Runtime = {
      async createSession() {
        return {
          async run({ x }) {
            await new Promise(resolve => setImmediate(resolve));
            resident += x!.data.length * MiB;
            return {};
          },
          release: async () => undefined,
        };
      },
    };
    const memory = memoryOf(1000 * MiB, { resident: () => resident });
    const run = async (name: string, size: number) => {
      const runtime = memory.runtime(name, growing);
      const session = await runtime.createSession(new Uint8Array(), 'unet', { held: 10 * MiB, widened: 0 });
      return session.run({ x: { data: new Float32Array(size), dims: [size] } });
    };
    for (const name of ['a', 'b']) memory.hold(name, []);
    await Promise.all([run('a', 100), run('b', 200)]);
    expect(memory.byCheckpoint).toEqual({ a: 110 * MiB, b: 210 * MiB });
  });

  it('refuses nothing for it', async () => {
    let resident = 0;
    const greedy: Runtime = {
      async createSession() {
        resident += 500 * MiB;
        return { run: async () => ({}), release: async () => undefined };
      },
    };
    const memory = memoryOf(300 * MiB, { resident: () => resident });
    memory.hold('a', []);
    for (const part of ['unet', 'vae']) {
      await memory.runtime('a', greedy).createSession(new Uint8Array(), part, { held: 90 * MiB, widened: 0 });
    }
    expect(memory.bytes).toBe(1000 * MiB);
  });
});
