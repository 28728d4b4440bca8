import { beforeEach, expect, it, vi } from 'vitest';
import { memoryD1, memoryR2, memoryStorage } from '../../test/edge/in-memory.ts';
import { ticket } from '../../test/edge/ticket.ts';
import type { Job } from '../generations/job.ts';
import { developImage, type Made } from './develop-image.ts';
import { DevelopmentObject, type Order } from './development-object.ts';

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
vi.mock('./develop-image.ts');

const parameters = { steps: 1, count: 1, seed: 1, guidanceScale: 1, eta: 0, clipSkip: null, width: 8, height: 8 };
const orderOf = (reuse: 'EXACT' | 'NONE'): Order => ({
  job: {
    ...{ checkpointDigest: 'c', scheduler: {}, report: { modelTokenIds: [[1]] } },
    parameters: { ...parameters, reuse },
  } as unknown as Job,
  index: 0,
  ticket: ticket('1'),
  latentKey: 'l',
});

async function house() {
  const disk = memoryStorage();
  const env = {
    DB: await memoryD1(),
    BLOBS: memoryR2().bucket,
    BACKEND_SECRET: 'b'.repeat(32),
    URL_SECRET: 'u'.repeat(32),
  };
  const ctx = { storage: disk.storage, waitUntil: () => {} };
  return { disk, object: new DevelopmentObject(ctx as unknown as DurableObjectState, env) };
}

/** Work as it was begun: what it keeps, and how it is ended. */
const works: { progress: Parameters<typeof developImage>[2]['progress']; end: (made: Made) => void }[] = [];
/** What has stopped takes so long to notice. */
let lag: Promise<void>;
beforeEach(() => {
  works.length = 0;
  lag = Promise.resolve();
  vi.mocked(developImage).mockImplementation((_, __, { progress }, signal) => {
    const work = Promise.withResolvers<Made>();
    works.push({ progress, end: work.resolve });
    signal.addEventListener('abort', () => void lag.then(() => work.reject(signal.reason)));
    return work.promise;
  });
});

const made = { score: null } as Made;
const keep = (at: number) =>
  works[at]!.progress.checkpoint(
    { step: at, draws: 1 },
    [],
    new Map([['resume', { data: new Float32Array(1), dims: [1] }]]),
  );

it('makes a latent once for all who want it', async () => {
  const { object } = await house();
  const both = Promise.all(['one', 'other'].map(waiter => object.watch(orderOf('EXACT'), waiter, 0)));
  await vi.waitFor(() => expect(works).toHaveLength(1));
  works[0]!.end(made);
  expect((await both).map(({ outcome }) => outcome?.kind)).toEqual(['made', 'made']);
});

it('makes it anew, each time, for who wants everything computed', async () => {
  const { object } = await house();
  const both = Promise.all(['one', 'other'].map(waiter => object.watch(orderOf('NONE'), waiter, 0)));
  await vi.waitFor(() => expect(works).toHaveLength(2));
  for (const { end } of works) end(made);
  await both;
});

it('does not begin again while what was stopped is still at work, which would lose what is kept by then', async () => {
  const { object, disk } = await house();
  const stopping = Promise.withResolvers<void>();
  lag = stopping.promise;
  void object.watch(orderOf('EXACT'), 'one', 0);
  await vi.waitFor(() => expect(works).toHaveLength(1));
  await keep(0);
  await object.leave('one');
  const again = object.watch(orderOf('EXACT'), 'other', 0);
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(works).toHaveLength(1);
  stopping.resolve();
  await vi.waitFor(() => expect(works).toHaveLength(2));
  await keep(1);
  works[1]!.end(made);
  expect((await again).outcome).toEqual({ kind: 'made', made });
  expect(disk.kept.get('progress/shared')).toMatchObject({ checkpoint: { step: 1 } });
});

it('keeps nothing for who has left', async () => {
  const { object, disk } = await house();
  void object.watch(orderOf('EXACT'), 'one', 0);
  await vi.waitFor(() => expect(works).toHaveLength(1));
  await keep(0);
  expect(disk.kept.size).toBe(2);
  await object.leave('one');
  await vi.waitFor(() => expect(disk.kept.size).toBe(0));
});
