/** Several checkpoints in one backend: what is in memory when, on real sessions of tiny checkpoints. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import type { Configuration } from '../../gpu-backend/configuration.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import type { Runtime } from '../../models/runtime.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { Frame } from '../../wire/client.ts';
import type { DenoisePlan, Plan } from '../../wire/plan.ts';
import { onDisk, tinyConfigs, tinyFolder } from '../models/tiny-checkpoint.ts';
import { type PretendBackend, startPretendBackend, until } from './pretend-backend.ts';
import { pretendPlan } from './pretend-card.ts';

const realProgram = new URL('../../gpu-backend/job-thread.ts', import.meta.url);
const home = mkdtempSync(join(tmpdir(), 'darkroom-memory-'));
const names = ['anna', 'berta', 'carla'];
const folders = names.map(name => join(home, name));
let backend: PretendBackend | null = null;
/** What the sessions for a picture take of each of them, in bytes. */
let each: number;

beforeAll(async () => {
  for (const [i, folder] of folders.entries()) await onDisk(tinyFolder(tinyConfigs, i + 1), folder);
  const noSessions: Runtime = { createSession: () => Promise.reject(new Error('none is needed to count bytes')) };
  const { sessions } = await StableDiffusionPipeline.load(checkpointFiles(folders[0]!), noSessions);
  const [text, unet, , decoder] = sessions;
  each = text!.held + unet!.held + decoder!.held;
});
afterEach(async () => {
  await backend?.stop();
  backend = null;
});
afterAll(() => rmSync(home, { recursive: true }));

async function start(change: Partial<Configuration>): Promise<PretendBackend> {
  backend = await startPretendBackend({ checkpoints: folders, ...change }, {}, realProgram);
  await backend.loaded;
  return backend;
}

/** What has happened to sessions so far, in order. */
const sessions = ({ events }: PretendBackend) =>
  events.flatMap(({ event, checkpoint, part }) =>
    /^session_/.test(String(event)) ? [`${String(event).slice('session_'.length)} ${checkpoint}/${part}`] : [],
  );

function planFor(card: CheckpointCard, denoise: Partial<DenoisePlan> = {}): Plan {
  const [, stage] = pretendPlan({ width: 8, height: 8, ...denoise }).stages;
  const ids = [[4, 2, 3, 5, 5]];
  return {
    version: 1,
    checkpoint: card.digest,
    stages: [
      { stage: 'TEXT_ENCODE', tokenIds: ids, negativeTokenIds: null, clipSkip: null },
      stage!,
      { stage: 'DECODE' },
    ],
    returns: ['pixels'],
  };
}

async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

async function cardsOf({ client }: PretendBackend): Promise<CheckpointCard[]> {
  const { checkpoints } = await client.ready();
  return Promise.all(checkpoints.map(({ digest }) => client.card(digest)));
}

const pixelsOf = (frames: Frame[]) => frames.at(-1)!.tensors.get('pixels')!.data;

describe('checkpoints', () => {
  it('are loaded when they are first asked for', async () => {
    const running = await start({ eager: 'none' });
    const before = await running.client.ready();
    expect(before.checkpoints).toMatchObject(names.map(name => ({ name, loaded: false, loadedBytes: 0 })));
    expect(before.backend.executionProvider).toBe('');
    const [, berta] = await cardsOf(running);
    const frames = await collect(running.client.run(planFor(berta!)));
    expect(frames[0]!.header).toMatchObject({ kind: 'started', backend: { executionProvider: 'cpu' } });
    expect(sessions(running)).toEqual(['created berta/unet', 'created berta/text_encoder', 'created berta/vae']);

    const { checkpoints } = await running.client.ready();
    expect(checkpoints.map(({ loaded }) => loaded)).toEqual([false, true, false]);
    expect(checkpoints[1]!.loadedBytes).toBe(each);
    expect(await running.metric('darkroom_loaded_bytes{checkpoint="berta"}')).toBe(each);
    expect(await running.metric('darkroom_loaded_bytes{checkpoint="anna"}')).toBe(0);
    expect(await running.metric('darkroom_session_load_seconds_count{checkpoint="berta"}')).toBe(3);
    expect(await running.metric('darkroom_memory_budget_bytes')).toBe(2 ** 30);
  });

  it.each([
    ['first', [true, false, false]],
    ['all', [true, true, true]],
  ] as const)('are loaded before it is ready: %s', async (eager, loaded) => {
    const running = await start({ eager });
    const { checkpoints, backend } = await running.client.ready();
    expect(checkpoints.map(each => each.loaded)).toEqual(loaded);
    expect(backend.executionProvider).toBe('cpu');
    // The largest first: what it takes while it is created is not needed beside the others.
    expect(sessions(running).slice(0, 3)).toEqual([
      'created anna/unet',
      'created anna/text_encoder',
      'created anna/vae',
    ]);
  });

  it('make room for each other, the one that was not used for longest first, and draw the same when they return', async () => {
    const running = await start({ eager: 'none', memoryBudget: Math.floor(2.5 * each) });
    const [anna, berta, carla] = (await cardsOf(running)) as [CheckpointCard, CheckpointCard, CheckpointCard];
    const draw = async (card: CheckpointCard) => pixelsOf(await collect(running.client.run(planFor(card))));
    const first = [await draw(anna), await draw(berta)];
    expect(first[0]).not.toEqual(first[1]);
    await draw(anna);
    await draw(carla);
    expect(sessions(running).filter(line => line.startsWith('evicted'))).toEqual([
      'evicted berta/text_encoder',
      'evicted berta/unet',
    ]);
    expect(await draw(berta)).toEqual(first[1]);
    expect(await draw(anna)).toEqual(first[0]);
    expect(await running.metric('darkroom_session_evictions_total{checkpoint="berta"}')).toBeGreaterThanOrEqual(2);
    const { checkpoints } = await running.client.ready();
    expect(checkpoints.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0)).toBeLessThanOrEqual(2.5 * each);
  });

  it('lose nothing while a job runs that uses them', async () => {
    const running = await start({ eager: 'none', memoryBudget: Math.floor(1.5 * each) });
    const [anna, berta] = (await cardsOf(running)) as [CheckpointCard, CheckpointCard];
    const long = running.client.run(planFor(anna, { steps: 300 }));
    let frame = await long.next();
    while (frame.value?.header.kind !== 'step') frame = await long.next();
    const next = collect(running.client.run(planFor(berta)));
    const rest = await collect(long);
    const steps = rest.flatMap(({ header }) => (header.kind === 'step' ? [header.step] : []));
    expect(steps.at(-1)).toBe(300);
    expect(pixelsOf(rest).length).toBe(8 * 8 * 3);
    await next;
    // What was released in the middle of the first job would have been created again.
    expect(sessions(running)).toEqual([
      'created anna/unet',
      'created anna/text_encoder',
      'created anna/vae',
      'evicted anna/text_encoder',
      'evicted anna/unet',
      'created berta/unet',
      'created berta/text_encoder',
      'created berta/vae',
    ]);
    await until(async () => (await running.metric('darkroom_jobs_total{outcome="succeeded"}')) === 2);
  });

  it('are given to the thread that has them, each thread within its share', async () => {
    const running = await start({ jobs: 2, eager: 'none' });
    const [anna, berta] = (await cardsOf(running)) as [CheckpointCard, CheckpointCard];
    await Promise.all([anna, berta].map(card => collect(running.client.run(planFor(card, { steps: 50 })))));
    const created = sessions(running).length;
    for (const card of [berta, anna, berta, anna]) await collect(running.client.run(planFor(card)));
    expect(sessions(running).length).toBe(created);
  });

  it('whose weights were changed since the start are not taken for what they were', async () => {
    const changing = await onDisk(tinyFolder(tinyConfigs, 4), join(home, 'dora'));
    const running = await start({ checkpoints: [folders[0]!, changing] });
    const [, dora] = (await cardsOf(running)) as [CheckpointCard, CheckpointCard];
    const weights = join(changing, 'unet/diffusion_pytorch_model.safetensors');
    const bytes = readFileSync(weights);
    writeFileSync(weights, bytes.with(-1, bytes.at(-1)! ^ 1));
    await expect(collect(running.client.run(planFor(dora)))).rejects.toMatchObject({
      code: 'checkpoint_unknown',
      message: expect.stringMatching(
        /^unet\/diffusion_pytorch_model\.safetensors: expected the file that was there at the/,
      ),
      retryable: false,
    });
    expect(sessions(running).filter(line => line.includes('dora'))).toEqual([]);
  });

  it('that do not all fit are loaded as far as they do, and the log says so', async () => {
    const running = await start({ eager: 'all', memoryBudget: Math.floor(2.7 * each) });
    const { checkpoints } = await running.client.ready();
    expect(checkpoints.map(({ loaded }) => loaded)).toEqual([true, true, false]);
    expect(running.events).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'not_loaded', checkpoint: 'carla' }),
    );
  });
});

describe('a backend does not start', () => {
  const failing = async (change: Partial<Configuration>) => {
    backend = await startPretendBackend({ checkpoints: folders, ...change }, {}, realProgram);
    return backend.loaded.then(
      () => 'it did',
      (error: Error) => error.message,
    );
  };

  it('with a checkpoint that cannot fit, and says what it needs and what is allowed', async () => {
    const message = await failing({ memoryBudget: 20_000, jobs: 2 });
    expect(message).toMatch(
      /^checkpoint .*anna: its sessions need [\d.]+ KiB of memory, and 9\.8 KiB are allowed: raise MEMORY_BUDGET, lower JOBS,/,
    );
    expect(sessions(backend!)).toEqual([]);
  });

  it('with checkpoints that are broken, loaded or not, and names every one', async () => {
    const unet = 'unet/diffusion_pytorch_model.safetensors';
    const narrow = { ...tinyConfigs, unet: { ...tinyConfigs.unet, block_out_channels: [4, 16] } };
    const wrong = await onDisk(tinyFolder().set(unet, tinyFolder(narrow).get(unet)!), join(home, 'wrong'));
    const config = tinyFolder().get('model_index.json')!;
    const other = new TextEncoder().encode(new TextDecoder().decode(config).replace('UNet2DConditionModel', 'Flux'));
    const unknown = await onDisk(tinyFolder().set('model_index.json', other), join(home, 'unknown'));
    const message = await failing({ checkpoints: [folders[0]!, wrong, unknown], eager: 'none' });
    expect(message).toMatch(
      /wrong: unet\/diffusion_pytorch_model\.safetensors: [\w.]+: expected \[[\d, ]+\], found \[[\d, ]+\]; checkpoint/,
    );
    expect(message).toContain('unknown: model_index.json: unet: expected a UNet2DConditionModel, found "Flux"');
  });
});

describe('digests', () => {
  const counts = ({ events }: PretendBackend) => {
    const { computed, known } = events.find(({ event }) => event === 'digests')!;
    return { computed, known };
  };

  it('are remembered over a restart, shared by threads, and computed again for files that changed', async () => {
    const state = join(home, 'state');
    const first = await start({ home: state, eager: 'none' });
    const { checkpoints } = await first.client.ready();
    const { computed } = counts(first);
    expect(computed).toBeGreaterThan(20);
    await first.stop();

    const second = await start({ home: state, jobs: 2 });
    expect(counts(second)).toEqual({ computed: 0, known: computed });
    expect((await second.client.ready()).checkpoints.map(({ digest }) => digest)).toEqual(
      checkpoints.map(({ digest }) => digest),
    );
    await second.stop();

    const weights = join(folders[2]!, 'vae/diffusion_pytorch_model.safetensors');
    const bytes = readFileSync(weights);
    writeFileSync(weights, bytes.with(-1, bytes.at(-1)! ^ 1));
    const third = await start({ home: state });
    expect(counts(third)).toEqual({ computed: 1, known: Number(computed) - 1 });
    const digests = (await third.client.ready()).checkpoints.map(({ digest }) => digest);
    expect(digests.slice(0, 2)).toEqual(checkpoints.slice(0, 2).map(({ digest }) => digest));
    expect(digests[2]).not.toBe(checkpoints[2]!.digest);
    await third.stop();

    writeFileSync(join(state, 'checkpoint-digests.json'), 'not what it was');
    const fourth = await start({ home: state });
    expect(counts(fourth)).toEqual({ computed, known: 0 });
  });

  it('that cannot be kept are no reason not to start', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    const running = await start({ home: file });
    expect(running.events.map(({ event }) => event)).toEqual(expect.arrayContaining(['digests_not_kept', 'ready']));
  });
});

describe('while sessions are created', () => {
  const slow = new URL('./threads/slow.ts', import.meta.url);
  const [encode] = pretendPlan().stages;
  const plan = pretendPlan({}, { stages: [encode!], returns: ['prompt_embeds'] });

  it('the job is told that it waits, /health answers, and it begins when they are there', async () => {
    backend = await startPretendBackend({}, { heartbeat: 20 }, slow);
    await backend.loaded;
    expect((await backend.client.ready()).checkpoints).toMatchObject([{ loaded: false }]);
    const kinds: string[] = [];
    let answered = 0;
    for await (const { header } of backend.client.run(plan)) {
      kinds.push(header.kind);
      if (header.kind !== 'queued') continue;
      expect(header.position).toBe(0);
      expect(await backend.client.health()).toMatchObject({ running: 1 });
      answered++;
    }
    expect(answered).toBeGreaterThan(2);
    expect(kinds.slice(answered)).toEqual(['started', 'result']);
    expect((await backend.client.ready()).checkpoints).toMatchObject([{ loaded: true, loadedBytes: 1000 }]);
  });

  it('the job can be cancelled, and the next one is taken', async () => {
    backend = await startPretendBackend({}, { heartbeat: 20 }, slow);
    await backend.loaded;
    for await (const { header } of backend.client.run(plan)) if (header.kind === 'queued') break;
    await until(async () => (await backend!.metric('darkroom_jobs_total{outcome="cancelled"}')) === 1);
    expect(await backend.client.health()).toMatchObject({ running: 0 });
    expect(sessions(backend)).toEqual([]);
    expect((await collect(backend.client.run(plan))).at(-1)!.header).toMatchObject({ kind: 'result' });
  });
});
