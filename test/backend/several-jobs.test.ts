/** Several jobs on one thread, with pretended models: which thread takes which, and what one's end is to the others. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../wire/client.ts';
import type { DenoisePlan, Plan } from '../../wire/plan.ts';
import { type PretendBackend, startPretendBackend, until } from './pretend-backend.ts';
import { fatalSeed, otherPretendCard, pretendPlan } from './pretend-card.ts';

const program = new URL('./threads/turns.ts', import.meta.url);
let backend: PretendBackend;
afterEach(() => backend.stop());

async function start(...[change]: Parameters<typeof startPretendBackend>): Promise<void> {
  backend = await startPretendBackend(change, {}, program);
  await backend.loaded;
}

/** Its latent is full of its seed. */
function planOf(denoise: Partial<DenoisePlan>, change: Partial<Plan> = {}): Plan {
  const { stages, ...plan } = pretendPlan(denoise, { returns: ['latent'] });
  return { ...plan, stages: stages.slice(0, 2), ...change };
}

/** A job that has taken its first step. */
async function startJob(plan: Plan) {
  const hangUp = new AbortController();
  const frames = backend.client.run(plan, {}, hangUp.signal);
  const begun: Frame[] = [];
  while (begun.at(-1)?.header.kind !== 'step') begun.push((await frames.next()).value!);
  const started = begun.find(({ header }) => header.kind === 'started')!.header;
  const end = (async () => {
    const all = [...begun];
    for await (const frame of frames) all.push(frame);
    return all;
  })();
  // What is not looked at may fail.
  end.catch(() => undefined);
  return { hangUp, end, thread: started.kind === 'started' ? started.backend.executionProvider : null };
}

const stepsOf = (frames: Frame[]) => frames.flatMap(({ header }) => (header.kind === 'step' ? [header.step] : []));
const upTo = (steps: number) => Array.from({ length: steps }, (_, i) => i + 1);

describe('several jobs on a thread', () => {
  it('run at the same time, and each is told of itself alone', async () => {
    await start({ batch: 3 });
    const jobs = await Promise.all([10, 15, 20].map(steps => startJob(planOf({ steps, seeds: [steps] }))));
    expect(await backend.client.health()).toMatchObject({ running: 3, capacity: 3 });
    for (const [i, steps] of [10, 15, 20].entries()) {
      const frames = await jobs[i]!.end;
      expect(stepsOf(frames)).toEqual(upTo(steps));
      expect(new Set(frames.at(-1)!.tensors.get('latent')!.data as Float32Array)).toEqual(new Set([steps]));
    }
    expect(await backend.metric('darkroom_steps_total')).toBe(45);
    expect(await backend.metric('darkroom_unet_calls_total')).toBe(45);
  });

  it('are no more than it may have: others wait for their turn', async () => {
    await start({ jobs: 2, batch: 2, queueLimit: 1 });
    const jobs = await Promise.all(upTo(4).map(() => startJob(planOf({ steps: 500 }))));
    expect(new Set(jobs.map(({ thread }) => thread)).size).toBe(2);
    const waiting = startJob(planOf({ steps: 2 }));
    await until(async () => (await backend.client.health()).queued === 1);
    expect(await backend.client.health()).toMatchObject({ running: 4, capacity: 4, queueLimit: 1 });
    await expect(startJob(planOf({}))).rejects.toMatchObject({ code: 'queue_full' });
    jobs[2]!.hangUp.abort();
    const next = await waiting;
    expect(next.thread).toBe(jobs[2]!.thread);
    expect(stepsOf(await next.end)).toEqual([1, 2]);
  });

  it('are of one checkpoint where that can be', async () => {
    await start({ jobs: 2, batch: 3 });
    const other = { checkpoint: otherPretendCard.digest };
    const [a, b] = [await startJob(planOf({ steps: 500 })), await startJob(planOf({ steps: 500 }, other))];
    expect(a.thread).not.toBe(b.thread);
    for (let i = 0; i < 2; i++) {
      expect((await startJob(planOf({ steps: 500 }, other))).thread).toBe(b.thread);
      expect((await startJob(planOf({ steps: 500 }))).thread).toBe(a.thread);
    }
  });

  it('go on when one of them is given up', async () => {
    await start({ batch: 3 });
    const jobs = await Promise.all([20, 500, 20].map(steps => startJob(planOf({ steps }))));
    jobs[1]!.hangUp.abort(new Error('enough'));
    await expect(jobs[1]!.end).rejects.toThrow('enough');
    await until(async () => (await backend.metric('darkroom_jobs_total{outcome="cancelled"}')) === 1);
    expect((await backend.client.health()).running).toBe(2);
    for (const job of [jobs[0]!, jobs[2]!]) expect(stepsOf(await job.end)).toEqual(upTo(20));
  });

  it('all fail when it dies, those of others go on, and its places are there again', async () => {
    await start({ jobs: 2, batch: 2, queueLimit: 4 });
    const other = { checkpoint: otherPretendCard.digest };
    const doomed = await startJob(planOf({ steps: 500 }));
    const elsewhere = await startJob(planOf({ steps: 50 }, other));
    expect(elsewhere.thread).not.toBe(doomed.thread);
    await expect(startJob(planOf({ seeds: [fatalSeed] }))).rejects.toMatchObject({ code: 'internal', retryable: true });
    await expect(doomed.end).rejects.toMatchObject({ code: 'internal', retryable: true });
    expect(await backend.metric('darkroom_job_thread_crashes_total')).toBe(1);
    expect(stepsOf(await elsewhere.end)).toEqual(upTo(50));
    const again = await Promise.all(upTo(4).map(() => startJob(planOf({ steps: 5 }))));
    for (const { end } of again) expect(stepsOf(await end)).toEqual(upTo(5));
    expect(new Set(again.map(({ thread }) => thread)).size).toBe(2);
    await until(async () => (await backend.client.health()).running === 0);
  });
});
