/** The life of a job, on a real port with pretended models: order, ends of every kind, and what is left after each. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { BackendError } from '../../wire/backend-error.ts';
import { BackendClient, type Frame } from '../../wire/client.ts';
import { encodeMessage } from '../../wire/frames.ts';
import { type PretendBackend, secret, startPretendBackend, until } from './pretend-backend.ts';
import { fatalSeed, nanSeed, pretendCard, pretendPlan, stepMs } from './pretend-card.ts';

let backend: PretendBackend;
afterEach(() => backend.stop());

async function start(...options: Parameters<typeof startPretendBackend>): Promise<void> {
  backend = await startPretendBackend(...options);
  await backend.loaded;
}

async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

/** A job that has taken its first step; `end` settles with it. */
async function startLongJob(client = backend.client) {
  const hangUp = new AbortController();
  const frames = client.run(pretendPlan({ steps: 500 }), {}, hangUp.signal);
  let first = await frames.next();
  while (first.value?.header.kind !== 'step') first = await frames.next();
  const end = collect(frames).catch((error: BackendError) => error);
  return { hangUp, end };
}

describe('a job', () => {
  it('streams what it does and sends back what was asked for', async () => {
    await start();
    const frames = await collect(backend.client.run(pretendPlan({ seeds: [1, 2] }, { returns: ['pixels'] })));
    expect(frames.map(({ header }) => (header.kind === 'result' ? header.stage : header.kind))).toEqual([
      'started',
      'TEXT_ENCODE',
      ...Array(4).fill('step'),
      'DENOISE',
      'DECODE',
    ]);
    expect(frames[0]!.header).toMatchObject({ backend: { name: 'pretender', runtime: 'pretence 1.0', threads: 1 } });
    // What runs this plan on this thread, not what the first thread loaded the first checkpoint on.
    expect(frames[0]!.header).toMatchObject({ backend: { executionProvider: 'webgpu' } });
    expect((await backend.client.ready()).backend.executionProvider).toBe('cpu');
    expect(frames[3]!.header).toEqual({ kind: 'step', step: 2, steps: 4 });
    expect(frames[6]!.tensors.size).toBe(0);
    expect(frames[7]!.tensors.get('pixels')!.dims).toEqual([2, 64, 64, 3]);
    await until(async () => (await backend.metric('darkroom_jobs_total{outcome="succeeded"}')) === 1);
    expect(await backend.metric('darkroom_step_seconds_count')).toBe(4);
    expect(await backend.metric('darkroom_stage_seconds_count{stage="DENOISE"}')).toBe(1);
    expect(await backend.metric('darkroom_stage_seconds_sum{stage="DENOISE"}')).toBeGreaterThan((4 * stepMs) / 1000);
  });

  it('may begin and end anywhere, with tensors that come along', async () => {
    await start();
    const latent = { data: new Float32Array(4 * 8 * 8), dims: [1, 4, 8, 8] };
    const plan = pretendPlan({}, { stages: [{ stage: 'DECODE' }], returns: ['pixels'] });
    const frames = await collect(backend.client.run(plan, { latent }));
    expect(frames.at(-1)!.tensors.get('pixels')!.dims).toEqual([1, 64, 64, 3]);
  });

  it('stops at its next step when the client hangs up', async () => {
    await start();
    const { hangUp, end } = await startLongJob();
    hangUp.abort(new Error('enough'));
    expect(await end).toMatchObject({ message: 'enough' });
    await until(async () => (await backend.client.health()).running === 0);
    expect(await backend.metric('darkroom_jobs_total{outcome="cancelled"}')).toBe(1);
    const steps = await backend.metric('darkroom_step_seconds_count');
    expect(steps).toBeLessThan(20);
    await new Promise(resolve => setTimeout(resolve, 3 * stepMs));
    expect(await backend.metric('darkroom_step_seconds_count')).toBe(steps);
  });

  it('stops when the client just no longer reads', async () => {
    await start();
    for await (const { header } of backend.client.run(pretendPlan({ steps: 500 }))) if (header.kind === 'step') break;
    await until(async () => (await backend.client.health()).running === 0);
  });

  it('that made NaN fails as what it is', async () => {
    await start();
    const running = collect(backend.client.run(pretendPlan({ seeds: [nanSeed] })));
    await expect(running).rejects.toMatchObject({ code: 'model_failed', stage: 'DENOISE', retryable: false });
    await until(async () => (await backend.metric('darkroom_jobs_total{outcome="failed"}')) === 1);
  });

  it('fails alone when its thread dies, and the next one finds another thread', async () => {
    await start();
    const { bootId } = await backend.client.ready();
    const dying = collect(backend.client.run(pretendPlan({ seeds: [fatalSeed] })));
    const waiting = collect(backend.client.run(pretendPlan()));
    waiting.catch(() => undefined);
    await expect(dying).rejects.toMatchObject({ code: 'internal', retryable: true });
    expect((await waiting).at(-1)!.header).toMatchObject({ kind: 'result', stage: 'DECODE' });
    expect((await backend.client.ready()).bootId).toBe(bootId);
    expect(await backend.metric('darkroom_job_thread_crashes_total')).toBe(1);
    expect(backend.events).toContainEqual(expect.objectContaining({ event: 'thread_died', code: 9 }));
  });

  it('is not promised to others when threads keep dying, until one lives again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'darkroom-backend-'));
    await start({ checkpoints: [folder] });
    rmSync(folder, { recursive: true });
    await expect(collect(backend.client.run(pretendPlan({ seeds: [fatalSeed] })))).rejects.toThrow();
    await until(async () => (await fetch(`${backend.url}/ready`)).status === 503);
    expect(await backend.client.health()).toMatchObject({ status: 'alive', running: 0 });
    mkdirSync(folder);
    await until(async () => (await fetch(`${backend.url}/ready`)).ok);
    expect((await collect(backend.client.run(pretendPlan()))).length).toBeGreaterThan(4);
    rmSync(folder, { recursive: true });
  });

  it('is not run on weights that were replaced while the backend ran, and the log says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'darkroom-backend-'));
    await start({ checkpoints: [folder] });
    writeFileSync(join(folder, 'digest'), 'e'.repeat(64));
    await expect(collect(backend.client.run(pretendPlan({ seeds: [fatalSeed] })))).rejects.toThrow();
    await until(async () => (await fetch(`${backend.url}/ready`)).status === 503, 20_000);
    const reason = `checkpoint ${pretendCard.name} was changed since the start: expected digest ${pretendCard.digest}, found ${'e'.repeat(64)}: put it back or start the backend again`;
    expect(backend.events).toContainEqual(expect.objectContaining({ level: 'error', event: 'thread_died', reason }));
    rmSync(join(folder, 'digest'));
    await until(async () => (await fetch(`${backend.url}/ready`)).ok, 20_000);
    expect((await collect(backend.client.run(pretendPlan()))).length).toBeGreaterThan(4);
    rmSync(folder, { recursive: true });
  });

  it('is told when the backend is being stopped', async () => {
    await start();
    const { end } = await startLongJob();
    const began = performance.now();
    await backend.stop();
    expect(await end).toMatchObject({ code: 'stopping', retryable: true });
    expect(performance.now() - began).toBeLessThan(10_000);
    await expect(backend.client.ready()).rejects.toMatchObject({ name: 'BackendUnreachable' });
  });
});

describe('the queue', () => {
  it('takes so many and tells others when to come back', async () => {
    await start({ queueLimit: 1 });
    const running = await startLongJob();
    const hangUp = new AbortController();
    const waiting = collect(backend.client.run(pretendPlan(), {}, hangUp.signal)).catch(error => error);
    await until(async () => (await backend.client.health()).queued === 1);
    expect(await backend.client.health()).toEqual({
      status: 'alive',
      running: 1,
      queued: 1,
      capacity: 1,
      queueLimit: 1,
    });
    expect(await backend.metric('darkroom_queue_depth')).toBe(1);

    const body = encodeMessage(pretendPlan());
    const headers = await backend.sign('POST', '/v1/run', body);
    const refused = await fetch(`${backend.url}/v1/run`, { method: 'POST', body, headers });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9][0-9]?$/);
    expect(await refused.json()).toMatchObject({
      code: 'queue_full',
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    await expect(collect(backend.client.run(pretendPlan()))).rejects.toMatchObject({
      name: 'BackendError',
      code: 'queue_full',
      retryAfterMs: expect.any(Number),
    });

    hangUp.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    await until(async () => (await backend.client.health()).queued === 0);
    running.hangUp.abort();
    await running.end;
    expect((await collect(backend.client.run(pretendPlan()))).length).toBeGreaterThan(4);
  });

  it('tells those who wait that they are not forgotten, and how many are before them', async () => {
    await start({ queueLimit: 2 }, { heartbeat: 20 });
    const running = await startLongJob();
    const told: number[][] = [];
    const waiting = [0, 1].map(async i => {
      told[i] = [];
      const kinds: string[] = [];
      for await (const { header } of backend.client.run(pretendPlan())) {
        kinds.push(header.kind);
        if (header.kind === 'queued') told[i]!.push(header.position);
      }
      return kinds;
    });
    await until(() => told.every(positions => positions.length >= 3));
    expect(told.map(positions => positions[0]).sort()).toEqual([0, 1]);
    running.hangUp.abort();
    await running.end;
    for (const kinds of await Promise.all(waiting)) {
      expect(kinds.indexOf('started')).toBe(kinds.lastIndexOf('queued') + 1);
      expect(kinds.lastIndexOf('started')).toBe(kinds.indexOf('started'));
    }
    expect(told.map(positions => positions.at(-1))).toEqual([0, 0]);
  });

  it('runs as many jobs at a time as there are threads', async () => {
    await start({ jobs: 2 });
    const jobs = [await startLongJob(), await startLongJob()];
    expect(await backend.client.health()).toMatchObject({ running: 2, capacity: 2 });
    for (const { hangUp } of jobs) hangUp.abort();
    await Promise.all(jobs.map(({ end }) => end));
  });
});

describe('the server', () => {
  it('answers while a job runs', async () => {
    await start();
    const { hangUp, end } = await startLongJob();
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const began = performance.now();
      expect((await fetch(`${backend.url}/health`)).status).toBe(200);
      times.push(performance.now() - began);
    }
    expect(times.sort((a, b) => a - b)[189]).toBeLessThan(1_000);
    hangUp.abort();
    await end;
  });

  it('publishes the card of its checkpoint', async () => {
    await start();
    expect(await backend.client.card(pretendCard.digest)).toEqual(pretendCard);
    await expect(backend.client.card('e'.repeat(64))).rejects.toMatchObject({ code: 'checkpoint_unknown' });
  });

  it('is found again by a client that knew it before it restarted', async () => {
    await start();
    const { port, client } = backend;
    await client.card(pretendCard.digest);
    await backend.stop();
    await expect(client.card(pretendCard.digest)).rejects.toMatchObject({ name: 'BackendUnreachable' });
    await start({ port });
    expect(await client.card(pretendCard.digest)).toEqual(pretendCard);
  });

  it('does not take a client with another secret', async () => {
    await start();
    const stranger = new BackendClient({ url: backend.url, secret: `${secret}!` });
    await expect(stranger.card(pretendCard.digest)).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
  });

  it('survives clients that are rude in many ways', async () => {
    await start();
    const body = encodeMessage(pretendPlan({ steps: 100 }));
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const abort = AbortSignal.timeout(i * 5);
        const headers = await backend.sign('POST', '/v1/run', body);
        const init = { method: 'POST', body, headers, signal: abort };
        await fetch(`${backend.url}/v1/run`, init)
          .then(response => response.text())
          .catch(() => undefined);
      }),
    );
    await until(async () => {
      const { running, queued } = await backend.client.health();
      return running === 0 && queued === 0;
    });
    expect((await collect(backend.client.run(pretendPlan()))).length).toBeGreaterThan(4);
    expect(backend.events.filter(event => event.level === 'error')).toEqual([]);
  });
});
