/** Generations that share calls of the UNet, on real sessions of tiny checkpoints. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { runPlan } from '../../gpu-backend/stages.ts';
import { checkpointCard } from '../../models/card.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { BackendClient, type Frame } from '../../wire/client.ts';
import type { DenoisePlan, Plan } from '../../wire/plan.ts';
import { onDisk, tinyConfigs, tinyFolder } from '../models/tiny-checkpoint.ts';
import { type BackendProcess, startBackendProcess } from './backend-process.ts';
import { until } from './pretend-backend.ts';
import { pretendPlan } from './pretend-card.ts';

const secret = 'a secret for backends that make several pictures';
const home = mkdtempSync(join(tmpdir(), 'darkroom-batching-'));
const folders = ['anna', 'berta'].map(name => join(home, name));
const digests: string[] = [];
/** Six pictures that have little in common, but for their size and checkpoint. */
let plans: Plan[];
/** Their pixels as the model code makes them, each alone. */
let alone: Uint8Array[];

beforeAll(async () => {
  for (const [i, folder] of folders.entries()) {
    await onDisk(tinyFolder(tinyConfigs, i + 1), folder);
    const pipeline = await open(folder);
    digests.push((await checkpointCard(pipeline, 'tiny')).digest);
    await pipeline.release();
  }
  plans = [120, 150, 90, 200, 100, 170].map((steps, i) =>
    planOf({ steps, seeds: [i], guidanceScale: i % 2 === 0 ? 3 : 1, eta: i / 6 }),
  );
  alone = [];
  const pipeline = await open(folders[0]!);
  for (const plan of plans) {
    for await (const { header, tensors } of runPlan(plan, {}, pipeline, () => false, console.error)) {
      expect(header.kind).not.toBe('failed');
      if (tensors.pixels) alone.push(tensors.pixels.data as Uint8Array);
    }
  }
  await pipeline.release();
  for (const picture of alone) expect(new Set(picture).size).toBeGreaterThan(10);
});
afterAll(() => rmSync(home, { recursive: true }));

function open(folder: string): Promise<StableDiffusionPipeline> {
  return StableDiffusionPipeline.load(checkpointFiles(folder), createOnnxRuntime({ folder, threads: 1 }));
}

/** A picture of 16 x 16 pixels. */
function planOf(denoise: Partial<DenoisePlan>, checkpoint = digests[0]!): Plan {
  const [, stage, decode] = pretendPlan({ width: 16, height: 16, ...denoise }).stages;
  const [tokenIds, negativeTokenIds] = [[[4, 2, 3, 5, 5]], [[4, 5, 5, 5, 5]]];
  const encode = { stage: 'TEXT_ENCODE', tokenIds, negativeTokenIds, clipSkip: null } as const;
  return { version: 1, checkpoint, stages: [encode, stage!, decode!], returns: ['pixels'] };
}

let backend: BackendProcess | null = null;
let client: BackendClient;
afterEach(async () => {
  backend?.child.kill('SIGKILL');
  await backend?.ended;
});

async function start(env: Record<string, string>): Promise<void> {
  backend = startBackendProcess({ DARKROOM_BACKEND_SECRET: secret, CHECKPOINTS: folders.join(), ...env });
  await backend.ready();
  client = new BackendClient({ url: `http://127.0.0.1:${await backend.port()}`, secret });
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${await backend!.port()}/metrics`)).text();
  const line = text.split('\n').find(candidate => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

const draw = async (plan: Plan) => (await collect(client.run(plan))).at(-1)!.tensors.get('pixels')!.data as Uint8Array;
const stepsOf = ({ stages }: Plan) => (stages[1] as DenoisePlan).steps;
const allSteps = () => plans.reduce((sum, plan) => sum + stepsOf(plan), 0);

/** Sums are taken in another order when more rows are computed at once: that may turn what was about to be rounded. */
function expectAlike(found: Uint8Array[], expected: Uint8Array[]): void {
  let different = 0;
  let bytes = 0;
  for (const [i, picture] of found.entries()) {
    expect(picture).toHaveLength(expected[i]!.length);
    for (const [at, value] of picture.entries()) {
      const difference = Math.abs(value - expected[i]![at]!);
      expect(difference).toBeLessThanOrEqual(1);
      bytes++;
      if (difference > 0) different++;
    }
  }
  // A byte in fifty: how many depends on the processor (0.0 to 0.9 % were seen, on pictures of 100 to 200 steps).
  expect(different / bytes).toBeLessThanOrEqual(0.02);
}

describe('without DARKROOM_BATCH', () => {
  it('every picture is the same to the byte as alone, with calls of its own', async () => {
    await start({});
    expect(await Promise.all(plans.map(draw))).toEqual(alone);
    expect(await client.health()).toMatchObject({ capacity: 1 });
    expect(await metric('darkroom_steps_total')).toBe(allSteps());
    expect(await metric('darkroom_unet_calls_total')).toBe(allSteps());
  });
});

describe('with DARKROOM_BATCH', () => {
  it('pictures that are made at once share calls and are as they are alone', async () => {
    await start({ DARKROOM_BATCH: '4' });
    expect(await client.health()).toMatchObject({ capacity: 4 });
    expectAlike(await Promise.all(plans.map(draw)), alone);
    expect(await metric('darkroom_steps_total')).toBe(allSteps());
    const calls = await metric('darkroom_unet_calls_total');
    // Four at a time would be a quarter; they neither begin nor end together.
    expect(calls).toBeLessThan(0.7 * allSteps());
    expect(calls).toBeGreaterThanOrEqual(allSteps() / 4);
  });

  it('one that is made alone is the same to the byte', async () => {
    await start({ DARKROOM_BATCH: '4' });
    expect(await draw(plans[0]!)).toEqual(alone[0]);
    expect(await metric('darkroom_unet_calls_total')).toBe(stepsOf(plans[0]!));
  });

  it('one that is given up half-way leaves the others whole', async () => {
    await start({ DARKROOM_BATCH: '4' });
    const [first, second, third] = plans as [Plan, Plan, Plan];
    const others = Promise.all([first, second, third].map(draw));
    const hangUp = new AbortController();
    for await (const { header } of client.run(planOf({ steps: 999, seeds: [9] }), {}, hangUp.signal)) {
      if (header.kind === 'step' && header.step === 20) break;
    }
    await until(async () => (await metric('darkroom_jobs_total{outcome="cancelled"}')) === 1);
    expectAlike(await others, alone.slice(0, 3));
    await until(async () => (await client.health()).running === 0);
    expect(await metric('darkroom_jobs_total{outcome="succeeded"}')).toBe(3);
    expectAlike([await draw(first)], alone);
  });

  it('what is of another size or checkpoint runs beside the others, and shares nothing with them', async () => {
    await start({ DARKROOM_BATCH: '4' });
    const wide = { width: 32, steps: 100, seeds: [1] };
    const others = [planOf(wide), planOf({ steps: 100, seeds: [1] }, digests[1])];
    const expected = [await draw(others[0]!), await draw(others[1]!)];
    const before = await metric('darkroom_unet_calls_total');
    const [a, b] = [plans[0]!, plans[1]!];
    expectAlike(await Promise.all([a, ...others, b].map(draw)), [alone[0]!, ...expected, alone[1]!]);
    const made = (await metric('darkroom_unet_calls_total')) - before;
    expect(made).toBeLessThan(stepsOf(a) + stepsOf(b) + 200);
    expect(made).toBeGreaterThanOrEqual(Math.max(stepsOf(a), stepsOf(b)) + 200);
  });

  it('checkpoints that have no room together take turns, and nothing fails', async () => {
    const pipeline = await open(folders[0]!);
    const each = pipeline.sessions.reduce((sum, { held }) => sum + held, 0);
    await start({ DARKROOM_BATCH: '4', MEMORY_BUDGET: `${Math.floor((1.5 * each) / 1024)}KiB` });
    const mixed = plans.map((plan, i) => ({ ...plan, checkpoint: digests[i % 2]! }));
    const pictures = await Promise.all(mixed.map(draw));
    expectAlike([pictures[0]!, pictures[2]!, pictures[4]!], [alone[0]!, alone[2]!, alone[4]!]);
    expect(await metric('darkroom_jobs_total{outcome="succeeded"}')).toBe(6);
    expect(await metric('darkroom_session_evictions_total{checkpoint="anna"}')).toBeGreaterThan(0);
    // Nothing was taken from anybody who needed it still: that would have been created again.
    const created = backend!.events.filter(({ event, part }) => event === 'session_created' && part === 'unet').length;
    expect(created).toBeLessThanOrEqual(6);
  });
});
