import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import type { Failure } from '../../schema/context.ts';
import { memoryStorage } from '../../test/edge/in-memory.ts';
import { ticket } from '../../test/edge/ticket.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { Frame } from '../../wire/client.ts';
import type { BackendErrorCode, Plan } from '../../wire/plan.ts';
import type { JobReport } from '../dispatch/dispatcher.ts';
import type { Lease } from '../dispatch/held.ts';
import type { Job } from '../generations/job.ts';
import { type Backends, BackendWork } from './backend-work.ts';
import { KeptProgress, type SoFar } from './kept-progress.ts';
import type { Report } from './report.ts';

const identity = { name: 'gpu', bootId: 'b', runtime: 'r', executionProvider: 'cpu', threads: 1, processor: 'x64' };
const float = (value: number): Tensor => ({ data: Float32Array.of(value), dims: [1] });
const frame = (header: Frame['header'], tensors: Record<string, Tensor> = {}): Frame => ({
  header,
  tensors: new Map(Object.entries(tensors)),
});
const started = (processor = 'x64') => frame({ kind: 'started', backend: { ...identity, processor } });
const step = (number: number) => frame({ kind: 'step', step: number, steps: 10 });
const checkpoint = (number: number) =>
  frame({ kind: 'step', step: number, steps: 10, draws: 1 }, { resume: float(number) });
const latent = frame({ kind: 'result', stage: 'DENOISE', ms: 1 }, { latent: float(1) });
const lost = () => new BackendUnreachable('gone');
const refused = (code: BackendErrorCode, retryable: boolean, retryAfterMs?: number) =>
  new BackendError({ code, message: code, retryable, ...(retryAfterMs && { retryAfterMs }) });

/** What a backend does: it sends frames, fails, or does nothing for so many milliseconds. */
type Script = readonly (Frame | Error | number)[];

/** Work on a latent with backends that follow these scripts, one after the other; the last one again and again. */
function house(scripts: readonly Script[], take: () => Promise<Lease | Failure | null> = async () => lease) {
  const { storage } = memoryStorage();
  const runs: { plan: Plan; sent: readonly string[]; kind: string | null | undefined; at: number }[] = [];
  const reports: JobReport[] = [];
  const told: (Report & { kept: SoFar })[] = [];
  const renewed = vi.fn(async () => true);
  const stop = new AbortController();
  let kind: string | null | undefined;
  const backends: Backends = {
    take: of => {
      kind = of.kind;
      return take();
    },
    renew: renewed,
    ended: async (_, __, report) => void reports.push(report),
    client: () => ({
      async *run(plan, sent, signal) {
        const script = scripts[Math.min(runs.length, scripts.length - 1)]!;
        runs.push({ plan, sent: Object.keys(sent ?? {}), kind, at: Date.now() });
        for (const each of script) {
          if (typeof each === 'number') await paused(each, signal!);
          else if (each instanceof Error) throw each;
          else yield each;
        }
      },
    }),
    silenceMs: 120_000,
  };
  const before: Report = {
    ...{ status: 'QUEUED', step: 0, steps: 10, timings: [], backend: null },
    ...{ kinds: [], preview: null, isStoring: false },
  };
  const begin = () => {
    const progress = new KeptProgress(storage, 'me');
    const work = new BackendWork(before, {
      ...{ ticket: ticket('1'), backends, progress, isScored: false, signal: stop.signal },
      job: { parameters: { width: 8, height: 8 } } as Job,
      tell: report => {
        // Whatever is told must be there for who comes after a crash in this very moment.
        void new KeptProgress(storage, 'me').load().then(kept => told.push({ ...report, kept }));
      },
    });
    const finish = () =>
      work.finish(({ tensors, checkpoint: at }) => {
        if (tensors.has('latent')) return null;
        const stages = [{ stage: 'DENOISE', ...(at && { resumeAt: at.step }) }];
        const sent = at ? { resume: tensors.get('resume')! } : {};
        return { plan: { version: 1, checkpoint: 'c', stages, returns: ['latent'] } as unknown as Plan, sent };
      });
    return { work, finish };
  };
  return { ...begin(), begin, runs, reports, told, renewed, stop };
}

const lease: Lease = { address: 'a', kind: 'k' };

function paused(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** Lets pretended time pass; how it has ended then. */
async function ended(work: Promise<void>, within = 60 * 60_000): Promise<unknown> {
  let outcome: unknown = 'still at work';
  work.then(
    () => {
      outcome = 'done';
    },
    error => {
      outcome = error;
    },
  );
  await vi.advanceTimersByTimeAsync(within);
  return outcome;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('BackendWork', () => {
  it('says how it went, and how long its steps took', async () => {
    const { work, finish, reports, runs } = house([[started(), 100, step(1), 200, step(2), latent]]);
    expect(await ended(finish())).toBe('done');
    expect([work.soFar.tensors.get('latent'), runs.length]).toEqual([float(1), 1]);
    expect(reports).toMatchObject([{ outcome: 'DONE', steps: 2 }]);
    expect(work.report).toMatchObject({ step: 2, kinds: ['r, cpu, x64, 1 thread'], backend: { name: 'gpu' } });
  });

  it('goes on from the last checkpoint of a backend that is lost, on one of the same kind', async () => {
    const { finish, runs, reports } = house([
      [started(), step(4), checkpoint(5), step(6), lost()],
      [started(), step(6), latent],
    ]);
    expect(await ended(finish())).toBe('done');
    expect(runs).toMatchObject([
      { plan: { stages: [{ stage: 'DENOISE' }] }, sent: [], kind: null },
      { plan: { stages: [{ resumeAt: 5 }] }, sent: ['resume'], kind: 'r, cpu, x64, 1 thread' },
    ]);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['FAILED', 'DONE']);
  });

  it('goes on after a crash of its own from what was kept, and names all kinds', async () => {
    const { finish, begin, runs } = house([
      [started('x64'), checkpoint(5), 1e9],
      [started('arm'), latent],
    ]);
    finish().catch(() => {});
    await vi.advanceTimersByTimeAsync(1_000);
    const after = begin();
    await after.work.load();
    expect(after.work.report).toMatchObject({ step: 5 });
    expect(await ended(after.finish())).toBe('done');
    expect(runs[1]).toMatchObject({ plan: { stages: [{ resumeAt: 5 }] }, sent: ['resume'] });
    expect(after.work.soFar.kinds).toEqual(['r, cpu, x64, 1 thread', 'r, cpu, arm, 1 thread']);
  });

  it('never goes back in what it tells', async () => {
    const { finish, told } = house([
      [started(), checkpoint(5), step(6), step(7), lost()],
      [started(), step(6), step(7), step(8), latent],
    ]);
    await ended(finish());
    const steps = told.map(report => report.step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(8);
  });

  it('tells nothing that is not kept', async () => {
    const { finish, told } = house([[started(), checkpoint(5), latent]]);
    await ended(finish());
    expect(told.find(report => report.step === 5)!.kept.checkpoint).toEqual({ step: 5, draws: 1 });
    expect(told.find(report => report.status === 'DECODING')!.kept.tensors.get('latent')).toEqual(float(1));
  });

  it('gives up after six attempts that came to nothing, each after a longer pause', async () => {
    const { finish, runs } = house([[started(), step(1), lost()]]);
    expect(await ended(finish())).toBeInstanceOf(BackendUnreachable);
    const pauses = runs.slice(1).map(({ at }, i) => at - runs[i]!.at);
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000]);
  });

  it('has as many attempts again after every checkpoint', async () => {
    const fruitless: Script[] = Array.from({ length: 4 }, () => [started(), lost()]);
    const further = (number: number): Script => [started(), checkpoint(number), lost()];
    const { finish, runs } = house([
      ...fruitless,
      further(5),
      ...fruitless,
      further(10),
      ...fruitless,
      [started(), latent],
    ]);
    expect(await ended(finish())).toBe('done');
    expect(runs).toHaveLength(15);
  });

  it('does not take the same checkpoint again for getting any further', async () => {
    const { finish, runs } = house([[started(), checkpoint(5), lost()]]);
    expect(await ended(finish())).toBeInstanceOf(BackendUnreachable);
    expect(runs).toHaveLength(6);
  });

  it('does not try again what cannot succeed', async () => {
    const { finish, runs, reports } = house([[started(), refused('model_failed', false)]]);
    expect(await ended(finish())).toMatchObject({ code: 'model_failed' });
    expect([runs.length, reports[0]!.outcome]).toEqual([1, 'GIVEN_BACK']);
  });

  it('asks another backend for a checkpoint that one has no longer', async () => {
    const { finish, runs, reports } = house([[refused('checkpoint_unknown', false)], [started(), latent]]);
    expect(await ended(finish())).toBe('done');
    expect([runs.length, reports[0]!.outcome]).toEqual([2, 'FAILED']);
  });

  it.each([
    ['NaN in a frame', [started(), frame({ kind: 'step', step: 1, steps: 10 }, { at_1: float(Number.NaN) })]],
    ['infinity in a result', [frame({ kind: 'result', stage: 'DENOISE', ms: 1 }, { latent: float(1 / 0) })]],
    ['an end without what was asked for', [started(), step(1)]],
    ['a result that has nothing in it', [started(), frame({ kind: 'result', stage: 'DENOISE', ms: 1 })]],
    ['a hang in the middle', [started(), step(1), 1e9]],
    ['a hang before the first word', [1e9]],
  ])('counts %s as lost', async (_, script: Script) => {
    const { finish, runs, reports } = house([script]);
    expect(await ended(finish())).toBeInstanceOf(BackendUnreachable);
    expect(runs).toHaveLength(6);
    expect(new Set(reports.map(({ outcome }) => outcome))).toEqual(new Set(['FAILED']));
  });

  it('keeps nothing of a checkpoint without what is to be gone on with', async () => {
    const hollow = frame({ kind: 'step', step: 5, steps: 10, draws: 1 });
    const { finish, runs } = house([
      [started(), hollow, lost()],
      [started(), latent],
    ]);
    expect(await ended(finish())).toBe('done');
    expect(runs[1]!.plan.stages[0]).not.toHaveProperty('resumeAt');
  });

  it('asks a backend that is full again soon, then as seldom as that wants, and does not count it', async () => {
    const full: Script[] = Array.from({ length: 20 }, () => [refused('queue_full', true, 3_000)]);
    const failures: Script[] = Array.from({ length: 5 }, () => [lost()]);
    const { finish, runs, reports } = house([...full, ...failures, [started(), latent]]);
    expect(await ended(finish())).toBe('done');
    expect(runs[1]!.at - runs[0]!.at).toBe(250);
    expect(runs[20]!.at - runs[19]!.at).toBe(3_000);
    expect(new Set(reports.slice(0, 20).map(({ outcome }) => outcome))).toEqual(new Set(['FULL']));
  });

  it('lets a job wait at its backend for as long as that says so, and a step take minutes', async () => {
    const waiting = Array.from({ length: 30 }, (_, i) => [frame({ kind: 'queued', position: 30 - i }), 50_000]).flat();
    const { finish, runs } = house([[...waiting, started(), 110_000, step(1), 110_000, latent]]);
    expect(await ended(finish())).toBe('done');
    expect(runs).toHaveLength(1);
  });

  it('says that it lives, and lets go of a backend that is taken for lost', async () => {
    const { finish, renewed, runs } = house([
      [started(), step(1), 1e9],
      [started(), latent],
    ]);
    renewed.mockResolvedValueOnce(true).mockResolvedValueOnce(false);
    expect(await ended(finish())).toBe('done');
    expect(runs[1]!.at - runs[0]!.at).toBe(6_250);
    expect(renewed).toHaveBeenCalledTimes(2);
  });

  it('stops when nobody wants it any more, whatever it is at', async () => {
    const running = house([[started(), step(1), 1e9]]);
    const run = running.finish();
    expect(await ended(run, 10_000)).toBe('still at work');
    running.stop.abort(new Error('nobody'));
    expect(await ended(run, 0)).toMatchObject({ message: 'nobody' });
    expect(running.reports).toMatchObject([{ outcome: 'GIVEN_BACK', steps: 1 }]);

    const between = house([[lost()]]);
    const pause = between.finish();
    expect(await ended(pause, 100)).toBe('still at work');
    between.stop.abort(new Error('nobody'));
    expect(await ended(pause)).toMatchObject({ message: 'nobody' });
    expect(between.runs).toHaveLength(1);

    const waiting = house([[started(), latent]], async () => {
      waiting.stop.abort(new Error('nobody'));
      return null;
    });
    expect(await ended(waiting.finish())).toMatchObject({ message: 'nobody' });
  });

  it('asks again for a backend that did not come, and ends when none will', async () => {
    const failure: Failure = { code: 'BACKEND_UNAVAILABLE', message: 'none', stage: 'QUEUE', retryable: true };
    const take = vi
      .fn(async (): Promise<Failure | null> => null)
      .mockResolvedValueOnce(null)
      .mockResolvedValueOnce(null);
    take.mockResolvedValueOnce(failure);
    const { finish, runs } = house([[started(), latent]], take);
    expect(await ended(finish())).toMatchObject({ code: 'BACKEND_UNAVAILABLE', message: 'none' });
    expect([take.mock.calls.length, runs.length]).toEqual([3, 0]);
  });

  it('survives a dispatcher that dies, and ends where it does not come back', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const take = vi.fn(async () => lease).mockRejectedValueOnce(new Error('the object was restarted'));
    const { finish } = house([[started(), latent]], take);
    expect(await ended(finish())).toBe('done');
    take.mockRejectedValue(new Error('broken'));
    expect(await ended(house([[]], take).finish())).toBeInstanceOf(BackendUnreachable);
    expect(take).toHaveBeenCalledTimes(8);
    error.mockRestore();
  });
});
