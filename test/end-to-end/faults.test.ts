/** Backends and workers that die, and what a caller is told. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { onDisk, tinyConfigs, tinyFolder } from '../models/tiny-checkpoint.ts';
import { House } from './house.ts';

let house: House;
afterEach(() => house?.tearDown());

/** Long enough to be interrupted. */
const long = { prompt: 'a b', steps: 900, count: 2, seed: 1, wait: 0 };
const short = { prompt: 'a b', steps: 2, seed: 1, wait: 60_000 };

const read = async (id: string) => {
  const { data } = await house.ask(
    'query ($id: ID!) { generation(id: $id) { status progress { step } finishedAt failure { code message stage retryable } } }',
    { id },
  );
  return data.generation;
};

async function denoising(): Promise<string> {
  const { generation } = await house.generate(long);
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(10)) {
    const { status, progress } = await read(generation.id);
    if (status === 'DENOISING' && progress.step > 0) return generation.id;
  }
  throw new Error('it never began');
}

async function ended(id: string) {
  for (const until = Date.now() + 40_000; Date.now() < until; await sleep(20)) {
    const generation = await read(id);
    if (generation.finishedAt) return generation;
  }
  throw new Error('it never ended');
}

describe('a backend that is killed in the middle', () => {
  it('loses nothing: what it was making goes on where it was, and what was asked for meanwhile waits', async () => {
    house = await House.build();
    const id = await denoising();
    const { step } = (await read(id)).progress;
    await house.killBackend();
    const answer = house.generate(short);
    expect((await read(id)).progress.step).toBeGreaterThanOrEqual(step);
    await house.startBackend();
    expect((await answer).generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
    expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED', failure: null });
  });
});

describe('parameters that do not go together', () => {
  it('are refused with the reason, before anything is queued', async () => {
    house = await House.build();
    // 1000 steps and an offset of 1 reach beyond the last timestep the model was trained for.
    const refused = await house.generate({ ...short, steps: 1000 });
    expect(JSON.stringify(refused)).toMatch(/UNSUPPORTED|INPUT_INVALID/);
    expect(JSON.stringify(refused)).toMatch(/steps|timestep/);
    expect(refused.generation).toBeUndefined();
  });
});

describe('without a backend', () => {
  it('says to come back later while no checkpoint is known', async () => {
    house = await House.build({}, false);
    expect(await house.generate(short)).toMatchObject({
      __typename: 'RetryLaterError',
      code: 'BACKEND_UNAVAILABLE',
      retryAfterMs: expect.any(Number),
    });
    const { data, errors } = await house.ask('{ checkpoints { name } generations { totalCount } }');
    expect(data).toEqual({ checkpoints: null, generations: { totalCount: 0 } });
    expect(errors![0]!.extensions).toMatchObject({ code: 'BACKEND_UNAVAILABLE', retryAfterMs: expect.any(Number) });

    await house.startBackend();
    expect((await house.generate(short)).generation.status).toBe('SUCCEEDED');
  });

  it('fails what it has accepted, after waiting a while', async () => {
    house = await House.build({ BACKEND_PATIENCE_SECONDS: '2' });
    await house.killBackend();
    const { generation } = await house.generate(short);
    expect(generation).toMatchObject({
      status: 'FAILED',
      failure: { code: 'BACKEND_UNAVAILABLE', stage: 'QUEUE', retryable: true },
    });
  });
});

describe('a backend that takes one job at a time', () => {
  it('gets one after the other, however many come at once', async () => {
    house = await House.build({}, false);
    await house.startBackend({ QUEUE_LIMIT: '0' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => house.generate({ ...short, steps: 20, seed, wait: 0 })),
    );
    for (const { generation } of answers) expect(await ended(generation.id)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('more requests than the backlog holds', () => {
  it('that come at once are refused; every accepted one gets its turn', async () => {
    house = await House.build({ BACKLOG: '3' });
    await house.edge.refreshCheckpoints();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => house.generate({ ...short, steps: 200, seed, wait: 0 })),
    );
    const accepted = answers.filter(answer => answer.__typename === 'GenerateSuccess');
    expect(accepted.length).toBe(3);
    for (const answer of answers.filter(answer => !accepted.includes(answer))) {
      expect(answer).toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: expect.any(Number) });
    }
    for (const { generation } of accepted) expect(await ended(generation.id)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('a backend that comes back without a checkpoint', () => {
  it('is found out at once; one that is merely down keeps its checkpoints', async () => {
    house = await House.build();
    const made = (await house.generate(short)).generation;
    const checkpoints = async () => (await house.ask('{ checkpoints { name digest } }')).data.checkpoints;
    const [old, ...others] = await checkpoints();
    expect(others).toEqual([]);

    await house.killBackend();
    await house.edge.refreshCheckpoints();
    expect(await checkpoints()).toEqual([old]);

    const another = await onDisk(
      tinyFolder({ ...tinyConfigs, scheduler: { ...tinyConfigs.scheduler, steps_offset: 0 } }),
    );
    await house.startBackend({ CHECKPOINTS: another });
    const began = performance.now();
    // What was made with it is still there; anything else is not.
    expect((await house.generate({ ...short, seed: 2, checkpoint: old.name })).generation).toMatchObject({
      status: 'FAILED',
      failure: { code: 'BACKEND_UNAVAILABLE', message: 'No GPU backend has this checkpoint any more' },
    });
    expect(performance.now() - began).toBeLessThan(10_000);

    const now = await checkpoints();
    expect(now).toHaveLength(1);
    expect(now[0].digest).not.toBe(old.digest);
    const { data } = await house.ask(
      'query ($name: String!, $id: ID!) { node(id: $id) { ... on Generation { images { latent { checkpoint { name } } } } } checkpoint(name: $name) { name } }',
      { name: old.name, id: made.id },
    );
    expect(data).toEqual({ node: { images: [{ latent: { checkpoint: null } }] }, checkpoint: null });
    expect((await house.generate(short)).generation).toMatchObject({
      status: 'SUCCEEDED',
      record: { checkpointDigest: now[0].digest },
    });
    await rm(another, { recursive: true, force: true });
  });
});

describe('a worker that is restarted', () => {
  it('keeps what was made, and goes on with what it was making', async () => {
    house = await House.build();
    const made = (await house.generate(short)).generation;
    const id = await denoising();
    const { step } = (await read(id)).progress;
    await house.restartEdge();

    expect((await read(id)).progress.step).toBeGreaterThanOrEqual(step);
    expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED', failure: null });

    const { data } = await house.ask(
      'query ($id: ID!) { node(id: $id) { ... on Generation { status images { url } } } }',
      {
        id: made.id,
      },
    );
    expect(data.node.status).toBe('SUCCEEDED');
    const picture = await fetch(data.node.images[0].url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect((await house.generate(short)).generation.status).toBe('SUCCEEDED');
  });
});

describe('a worker whose host process is killed', () => {
  it('ends with it, and frees its port', async () => {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-killed-'));
    const program = join(import.meta.dirname, 'edge-process.ts');
    const child = spawn(process.execPath, [program, home], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const health = `${line.trim()}/health`;
    expect((await fetch(health)).status).toBe(200);
    child.kill('SIGKILL');
    let answers = true;
    for (const until = Date.now() + 5_000; answers && Date.now() < until; await sleep(50)) {
      answers = await fetch(health).then(
        response => response.ok,
        () => false,
      );
    }
    expect(answers).toBe(false);
    await rm(home, { recursive: true, force: true });
  });
});

describe('a backend with another secret', () => {
  it('is told of in the log, not to the caller', async () => {
    house = await House.build({}, false);
    await house.startBackend({ DARKROOM_BACKEND_SECRET: 'another secret, as long as it needs to be' });
    expect(await house.generate(short)).toMatchObject({ __typename: 'RetryLaterError', code: 'BACKEND_UNAVAILABLE' });
    expect(house.log.join('\n')).toContain('checkpoint card');
  });
});
