import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import type { GenerationState } from '../../schema/context.ts';
import { memoryStorage } from '../../test/edge/in-memory.ts';
import { ticket } from '../../test/edge/ticket.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { Frame } from '../../wire/client.ts';
import type { FrameHeader, Plan } from '../../wire/plan.ts';
import type { Backends } from '../developments/backend-work.ts';
import { allBut, type DevelopmentStores, developImage } from '../developments/develop-image.ts';
import { Development, type Snapshot } from '../developments/development.ts';
import { KeptProgress } from '../developments/kept-progress.ts';
import { reportBefore } from '../developments/report.ts';
import type { Encoding } from '../encodings/encoding-store.ts';
import type { NewLatent } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { failureOf, stageOf } from './ending.ts';
import { type Job, recipeOf } from './job.ts';
import { makeNextImage } from './next-image.ts';
import { queued } from './progress.ts';

const job = {
  checkpointDigest: 'c'.repeat(64),
  scheduler: {},
  prompt: 'a',
  negativePrompt: '',
  report: { modelTokenIds: [[1]], modelNegativeTokenIds: [[1]] },
  parameters: {
    steps: 1,
    count: 2,
    seed: 1,
    guidanceScale: 1,
    guidanceRescale: 0,
    eta: 0,
    clipSkip: null,
    width: 8,
    height: 8,
    reuse: 'EXACT',
  },
  negativeTokenIds: [[1]],
  sizeConditioning: false,
} as unknown as Job;

const identity = { name: 'gpu', bootId: 'b', runtime: 'r', executionProvider: 'cpu', threads: 1, processor: 'x64' };
const float = (...dims: number[]) => ({ data: new Float32Array(dims.reduce((a, b) => a * b)), dims });
const picture: [string, Tensor][] = [
  ['encoded', float(1, 1, 1, 1)],
  ['moments', float(1, 2, 1, 1)],
  ['prompt_embeds', float(1, 1, 1)],
  ['pooled_prompt_embeds', float(1, 1)],
  ['latent', float(1, 1, 1, 1)],
  ['pixels', { data: new Uint8Array(192), dims: [1, 8, 8, 3] }],
];
const started: FrameHeader = { kind: 'started', backend: identity };

/** What a dispatcher gives of a backend that is always free. */
const lent = {
  take: async () => ({ address: 'a', kind: 'k' }),
  renew: async () => true,
  ended: async () => {},
  silenceMs: 600_000,
};

/** A backend that says these frames; an error ends it. */
function backendOf(...script: (FrameHeader | Error)[]) {
  const plans: Plan[] = [];
  const sent: (readonly string[])[] = [];
  const client = {
    async *run(plan: Plan, tensors: object = {}) {
      plans.push(plan);
      sent.push(Object.keys(tensors));
      for (const each of script) {
        if (each instanceof Error) throw each;
        yield { header: each as Frame['header'], tensors: new Map(each.kind === 'result' ? picture : []) };
      }
    },
  };
  return { ...lent, plans, sent, client: () => client };
}
const result: FrameHeader = { kind: 'result', stage: 'DECODE', ms: 1 };
const saved: NewLatent[] = [];
const kept = new Map<string, Encoding>();
const store: Omit<DevelopmentStores, 'progress'> = {
  latents: {
    save: async latent => void saved.push(latent),
    intact: async key =>
      saved.some(latent => latent.key === key) ? { key, hasPixels: true, madeWith: null, score: null } : null,
    pixels: async () => null,
    keepPixels: async () => {},
    keepScore: async () => {},
    tensor: async () => ({ data: Float32Array.of(5), dims: [1, 1, 1] }),
  },
  encodings: {
    find: async key => kept.get(key) ?? null,
    keep: async (key, encoding) => void kept.set(key, encoding),
  },
  runs: { stepsOf: () => [], keep: async () => {}, read: async () => null },
  starts: { load: async name => ({ data: new TextEncoder().encode(name), dims: [1, 1, 1, 3] }) },
};
const listener = { changed: vi.fn(), isStopped: () => false };
const holder = { holdImage: async () => true };

/** The next image, in a development of its own. */
async function make(of: Job, state: GenerationState, backends: Backends, stores: typeof store) {
  const index = state.images.length;
  const order = { job: of, index, ticket: ticket(`${state.id}-${index}`) };
  const progress = new KeptProgress(memoryStorage().storage, 'me');
  const development = new Development(
    reportBefore(of),
    (signal, tell) => developImage(order, backends, { ...stores, progress }, signal, tell),
    (error, report) => failureOf(error, report.isStoring ? 'STORE' : stageOf(report, of)),
  );
  const developments = { watch: (_: unknown, waiter: string, seen: number) => development.watch(waiter, seen) };
  return { state: (await makeNextImage(of, state, order.ticket, developments, holder, listener))! };
}
const first: GenerationState = queued('id', job, '2026-01-01T00:00:00.000Z');
const waiting = ticket('id-0');

beforeEach(() => {
  vi.useFakeTimers();
  // Keys are digests, which threads make in real time; on a busy machine pretended time would run ahead of them.
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_, data) => {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data;
    return new Uint8Array(createHash('sha256').update(new Uint8Array(bytes)).digest()).buffer;
  });
  listener.changed.mockReset();
  saved.length = 0;
  kept.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.mocked(crypto.subtle.digest).mockRestore();
});

const immediate = setImmediate;
/** No pretended time may pass before the work has begun to wait. */
const digested = () => new Promise(resolve => immediate(() => immediate(() => immediate(resolve))));

async function settled<T>(work: Promise<T>): Promise<T> {
  await digested();
  await vi.advanceTimersByTimeAsync(3 * 60 * 60_000);
  return work;
}

describe('makeNextImage', () => {
  it('makes one image and no more; the last one is the end', async () => {
    const backend = backendOf(started, result);
    const one = await settled(make(job, first, backend, store));
    expect(one.state).toMatchObject({ images: [{ seed: 1 }], finishedAt: null });
    expect(backend.plans).toHaveLength(1);
    const two = await settled(make(job, one.state, backend, store));
    expect(two.state).toMatchObject({ status: 'SUCCEEDED', images: [{ seed: 1 }, { seed: 2 }] });
    // What the first had encoded was sent along.
    expect(backend.plans.map(({ stages }) => stages[0]!.stage)).toEqual(['TEXT_ENCODE', 'DENOISE']);
  });

  it('encodes the prompt again for a later image when what the first had made is lost', async () => {
    const backend = backendOf(started, result);
    const { state } = await settled(make(job, first, backend, store));
    kept.clear();
    await settled(make(job, state, backend, store));
    expect(backend.plans[1]!.stages[0]!.stage).toBe('TEXT_ENCODE');
  });

  it('encodes the picture that it starts from once, and keeps its likeliest latent', async () => {
    const start = { from: 'IMAGE', latentKey: 'e'.repeat(64), strength: 1 } as const;
    const fromPicture = { ...job, parameters: { ...job.parameters, start }, startPixels: 'starts/x' };
    const backend = backendOf(started, result);
    const one = await settled(make(fromPicture, first, backend, store));
    expect(one.state).toMatchObject({ failure: null, images: [{}] });
    expect(saved).toMatchObject([
      { key: start.latentKey, pixels: null, latent: { data: Float32Array.of(0), dims: [1, 1, 1] } },
      { pixels: {} },
    ]);
    await settled(make(fromPicture, one.state, backend, store));
    expect(backend.plans.map(({ stages }) => stages.map(({ stage }) => stage))).toEqual([
      ['IMAGE_ENCODE', 'TEXT_ENCODE', 'DENOISE', 'DECODE'],
      ['DENOISE', 'DECODE'],
    ]);
    expect(backend.sent).toEqual([['image'], ['prompt_embeds', 'pooled_prompt_embeds', 'moments']]);

    // Without its likeliest latent it is encoded again.
    saved.length = 0;
    await settled(make(fromPicture, one.state, backend, store));
    expect(backend.sent[2]).toContain('image');
    expect(saved[0]).toMatchObject({ key: start.latentKey });
  });

  it('sends the latent that it starts from with every image', async () => {
    const start = { from: 'LATENT', latentKey: 'e'.repeat(64), strength: 1 } as const;
    const fromLatent = { ...job, parameters: { ...job.parameters, start } };
    const backend = backendOf(started, { kind: 'result', stage: 'DECODE', ms: 1 });
    const one = await settled(make(fromLatent, first, backend, store));
    await settled(make(fromLatent, one.state, backend, store));
    expect(backend.sent.map(names => names.includes('start_latent'))).toEqual([true, true]);
  });

  it('scores every image, and at the end keeps the best', async () => {
    const parameters = { ...job.parameters, score: true, keep: 1 };
    const scored = { ...job, parameters, realFrom: 0.5 };
    const scores = [0.25, 0.75];
    const score: FrameHeader = { kind: 'result', stage: 'SCORE', ms: 1 };
    const backend = {
      ...lent,
      client: () => ({
        async *run() {
          const made = new Map([...picture, ['score', { data: Float32Array.of(scores.shift()!), dims: [1] }] as const]);
          for (const header of [started, result, score]) {
            yield { header: header as Frame['header'], tensors: header === score ? made : new Map() };
          }
        },
      }),
    };
    const begun = queued('id', scored, first.createdAt);
    const one = await settled(make(scored, begun, backend, store));
    expect(one.state.images).toMatchObject([{ id: 'id-0', score: { score: 0.25, real: false } }]);
    expect(listener.changed.mock.calls.map(([{ status }]) => status)).toContain('SCORING');
    const two = await settled(make(scored, one.state, backend, store));
    expect(two.state).toMatchObject({
      status: 'SUCCEEDED',
      images: [{ id: 'id-1', score: { score: 0.75, real: true } }],
    });
    expect(two.state.images).toHaveLength(1);
  });

  it('has what somebody else did not want scored scored, and tells no score that was not asked for', async () => {
    const timing = { stage: 'SCORE', ms: 1, backend: 'gpu', cached: false } as const;
    const report = { ...reportBefore(job), status: 'SCORING' as const, timings: [timing] };
    const ended = (score: number | null): Snapshot => ({
      version: 1,
      report,
      isFirst: false,
      outcome: { kind: 'made', made: { reuse: allBut(job, 0, '', false), score, madeWith: null, latentKey: '' } },
    });
    const watch = vi.fn(async () => ended(0.75)).mockResolvedValueOnce(ended(null));
    const scored = { ...job, parameters: { ...job.parameters, score: true } };
    const state = await makeNextImage(
      scored,
      queued('id', scored, first.createdAt),
      waiting,
      { watch },
      holder,
      listener,
    );
    expect(state).toMatchObject({ images: [{ score: { score: 0.75 } }] });
    expect(watch).toHaveBeenCalledTimes(2);
    expect(state!.timings.map(({ stage }) => stage)).toContain('SCORE');
    const unscored = await makeNextImage(job, first, waiting, { watch }, holder, listener);
    expect(unscored).toMatchObject({ status: 'DECODING', images: [{ score: null }] });
    expect(unscored!.timings.map(({ stage }) => stage)).not.toContain('SCORE');
  });

  it('does not lose what is stored for an error that passes', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const holdImage = vi.fn(async () => true).mockRejectedValueOnce(new Error('D1 is away'));
    const made = { reuse: allBut(job, 0, '', false), score: null, madeWith: null, latentKey: '' };
    const outcome = { kind: 'made', made } as const;
    const watch = vi.fn(
      async (): Promise<Snapshot> => ({ version: 1, report: reportBefore(job), isFirst: true, outcome }),
    );
    const work = makeNextImage(job, first, waiting, { watch }, { holdImage }, listener);
    await vi.waitFor(() => expect(holdImage).toHaveBeenCalledOnce());
    const state = await settled(work);
    expect(state).toMatchObject({ failure: null, images: [{}] });
    expect([holdImage.mock.calls.length, watch.mock.calls.length]).toEqual([2, 1]);
    error.mockRestore();
  });

  it('takes a backend that does not score for lost', async () => {
    const scored = { ...job, parameters: { ...job.parameters, score: true } };
    const { state } = await settled(make(scored, first, backendOf(started, result), store));
    expect(state).toMatchObject({ status: 'FAILED', failure: { code: 'BACKEND_UNAVAILABLE' } });
  });

  it('goes on from the steps of another prompt, and says so', async () => {
    const source = { latentKey: 's'.repeat(64), step: 1, similarity: 0.9 };
    const approximate: Job = {
      ...job,
      sources: [source],
      parameters: { ...job.parameters, steps: 2, count: 1, reuse: 'APPROXIMATE' },
    };
    const [exact, key] = await Promise.all(
      [{ ...approximate, sources: [] }, approximate].map(each => latentKey(recipeOf(each, 0))),
    );
    const read = vi.fn(async () => ({ resume: float(1, 1, 1, 1) }));
    const keep = vi.fn(async () => {});
    const runs = { stepsOf: () => [1], keep, read };
    const backend = backendOf(started, result);
    const { state } = await settled(make(approximate, first, backend, { ...store, runs }));
    expect(backend.plans[0]!.stages).toContainEqual(expect.objectContaining({ stage: 'DENOISE', resumeAt: 1 }));
    expect(backend.plans[0]!.returns).not.toContain('at_1');
    expect(backend.sent[0]).toContain('resume');
    expect(key).not.toBe(exact);
    expect(state.images).toMatchObject([
      {
        latentKey: key,
        approximate: { latentKey: source.latentKey, step: 1 },
        reuse: { kind: 'APPROXIMATE', skippedSteps: 1, ofSteps: 2, sourceKey: source.latentKey, similarity: 0.9 },
      },
    ]);
    // Asked for again it is there, and is still not what was asked for exactly.
    const again = await settled(make(approximate, first, backend, { ...store, runs }));
    expect(backend.plans).toHaveLength(1);
    expect(again.state.images).toMatchObject([{ reuse: { kind: 'APPROXIMATE', skippedSteps: 2, similarity: 0.9 } }]);

    saved.length = 0;
    const gone = { ...runs, read: async () => null };
    const whole = await settled(make(approximate, first, backend, { ...store, runs: gone }));
    expect(backend.plans[1]!.returns).toContain('at_1');
    expect(backend.plans[1]!.stages).not.toContainEqual(expect.objectContaining({ resumeAt: 1 }));
    expect(saved).toMatchObject([{ key: exact }]);
    expect(whole.state.images).toMatchObject([{ latentKey: exact, reuse: { skippedSteps: 0, similarity: null } }]);
    expect(whole.state.images[0]).not.toHaveProperty('approximate');
  });

  it('has nothing left of the other prompt’s steps when it goes on from its own', async () => {
    const source = { latentKey: 's'.repeat(64), step: 1, similarity: 0.9 };
    const parameters = { ...job.parameters, steps: 9, count: 1, reuse: 'APPROXIMATE' as const };
    const run = { resume: float(1, 1, 1, 1), resume_history: float(1, 1, 1, 1) };
    const own = { kind: 'step', step: 6, steps: 9, draws: 0 } as const;
    const sent: (readonly string[])[] = [];
    const client = {
      async *run(_: Plan, tensors: object = {}) {
        sent.push(Object.keys(tensors).filter(name => name.startsWith('resume')));
        yield { header: started as Frame['header'], tensors: new Map() };
        if (sent.length > 1) yield { header: result as Frame['header'], tensors: new Map(picture) };
        else yield { header: own, tensors: new Map([['resume', run.resume]]) };
        if (sent.length === 1) throw new BackendUnreachable('gone');
      },
    };
    const runs = { stepsOf: () => [], keep: async () => {}, read: async () => run };
    const stores = { ...store, runs };
    await settled(make({ ...job, sources: [source], parameters }, first, { ...lent, client: () => client }, stores));
    expect(sent).toEqual([['resume', 'resume_history'], ['resume']]);
  });

  it('asks no backend for what is there, and for the rest alone', async () => {
    const intact = {
      key: '',
      hasPixels: true,
      madeWith: { runtime: 'r', executionProvider: 'cpu', darkroom: '1' },
      score: 0.75,
    };
    const having = (change: object): typeof store => ({
      ...store,
      latents: { ...store.latents, intact: async key => ({ ...intact, key, ...change }) },
    });
    const alone = { ...job, parameters: { ...job.parameters, count: 1 } };
    const backend = backendOf(started, result);
    const whole = await settled(make(alone, first, backend, having({})));
    expect(backend.plans).toEqual([]);
    expect(whole.state).toMatchObject({
      status: 'SUCCEEDED',
      record: { runtime: 'r', darkroom: '1' },
      images: [{ reuse: { kind: 'EXACT', skippedSteps: 1, skippedTextEncoding: true, skippedDecoding: true } }],
    });

    const undecoded = await settled(make(alone, first, backend, having({ hasPixels: false })));
    expect(backend.plans[0]!.stages).toEqual([{ stage: 'DECODE' }]);
    expect(undecoded.state.images[0]!.reuse).toMatchObject({ skippedSteps: 1, skippedDecoding: false });
    const cached = undecoded.state.timings.filter(timing => timing.cached).map(({ stage }) => stage);
    expect(cached).toEqual(['TEXT_ENCODE', 'DENOISE']);

    const none = { ...alone, parameters: { ...alone.parameters, reuse: 'NONE' as const } };
    const anew = await settled(make(none, first, backend, having({})));
    expect(backend.plans[1]!.stages.map(({ stage }) => stage)).toEqual(['TEXT_ENCODE', 'DENOISE', 'DECODE']);
    expect(anew.state.images[0]!.reuse).toMatchObject({ kind: 'NONE', skippedSteps: 0, skippedTextEncoding: false });
  });

  it('counts as waiting all that passes before a backend begins', async () => {
    const slow = {
      ...backendOf(started, result),
      take: async () => {
        await new Promise(resolve => setTimeout(resolve, 20_000));
        return lent.take();
      },
    };
    const { state } = await settled(make(job, { ...first, createdAt: new Date().toISOString() }, slow, store));
    const { ms } = state.timings.find(({ stage }) => stage === 'QUEUE')!;
    expect([ms >= 20_000, ms < 21_000]).toEqual([true, true]);
  });

  it('names every kind of backend that had a part in it', async () => {
    const arm: FrameHeader = { kind: 'started', backend: { ...identity, processor: 'arm' } };
    const [lost, other] = [backendOf(started, new BackendUnreachable('gone')), backendOf(arm, result)];
    let asked = 0;
    const both = { ...lent, client: () => (asked++ === 0 ? lost : other).client() };
    const { state } = await settled(make(job, first, both, store));
    expect(state.record!.kinds).toEqual(['r, cpu, x64, 1 thread', 'r, cpu, arm, 1 thread']);
  });

  it('goes on when the development dies, and gives up where it dies again and again', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const made = { reuse: allBut(job, 0, '', false), score: null, madeWith: null, latentKey: '' };
    const end: Snapshot = { version: 1, report: reportBefore(job), isFirst: true, outcome: { kind: 'made', made } };
    const watch = vi.fn(async () => end).mockRejectedValueOnce(new Error('restarted'));
    const state = await settled(makeNextImage(job, first, waiting, { watch }, holder, listener));
    expect(state).toMatchObject({ failure: null, images: [{}] });
    watch.mockRejectedValue(new Error('restarted'));
    const dead = await settled(makeNextImage(job, first, waiting, { watch }, holder, listener));
    expect(dead).toMatchObject({ status: 'FAILED', failure: { code: 'BACKEND_UNAVAILABLE' } });
    expect(watch).toHaveBeenCalledTimes(2 + 7);
    error.mockRestore();
  });

  it('asks nobody for what is stopped already', async () => {
    const watch = vi.fn();
    const stopped = { ...listener, isStopped: () => true };
    expect(await makeNextImage(job, first, waiting, { watch }, holder, stopped)).toBeNull();
    expect(watch).not.toHaveBeenCalled();
  });

  it('names storing as the stage when that is what failed', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const full = { ...store, latents: { ...store.latents, save: () => Promise.reject(new Error('disk full')) } };
    const { state } = await settled(make(job, first, backendOf(started, result), full));
    expect(state).toMatchObject({ status: 'FAILED', failure: { code: 'INTERNAL', stage: 'STORE' } });
    error.mockRestore();
  });
});
