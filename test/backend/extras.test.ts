/** Plans that embed and score, checked by the card and run on a real ONNX Runtime, over a made-up checkpoint. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { planCheck } from '../../gpu-backend/plan-check.ts';
import { runPlan } from '../../gpu-backend/stages.ts';
import { checkpointCard } from '../../models/card.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { parsePlan } from '../../wire/parse-plan.ts';
import type { DenoisePlan, StagePlan } from '../../wire/plan.ts';
import { onDisk, tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';

let root: string;
let pipeline: StableDiffusionPipeline;
let card: CheckpointCard;

beforeAll(async () => {
  root = await onDisk(withExtras(tinyFolder()));
  pipeline = await StableDiffusionPipeline.load(checkpointFiles(root), createOnnxRuntime({ folder: root, threads: 1 }));
  card = await checkpointCard(pipeline, 'tiny');
});

afterAll(async () => {
  await pipeline.release();
  await rm(root, { recursive: true });
});

const prompt = [4, 2, 3, 5, 5];
const other = [4, 3, 5, 5, 5];

/** What a plan returns, by name, as a backend would answer it. */
async function answer(stages: readonly StagePlan[], returns: string[], sent: Record<string, Tensor> = {}) {
  const plan = parsePlan(JSON.parse(JSON.stringify({ version: 1, checkpoint: card.digest, stages, returns })));
  planCheck(card)(plan, new Map(Object.entries(sent)));
  const made: Record<string, Tensor> = {};
  for await (const { header, tensors } of runPlan(plan, sent, pipeline, () => false, console.error)) {
    expect(header).not.toMatchObject({ kind: 'failed' });
    Object.assign(made, tensors);
  }
  return made as Record<string, FloatTensor>;
}

const picture: StagePlan[] = [
  { stage: 'TEXT_ENCODE', tokenIds: [prompt], negativeTokenIds: null, clipSkip: null },
  {
    stage: 'DENOISE',
    seeds: [1, 2],
    width: 8,
    height: 8,
    steps: 2,
    guidanceScale: 1,
    guidanceRescale: 0,
    eta: 0,
    scheduler: { _class_name: 'DDIMScheduler' },
  },
  { stage: 'DECODE' },
];

test('pictures are embedded and scored as they are made, and later the same from what was kept of them', async () => {
  const stages: StagePlan[] = [...picture, { stage: 'EMBED', texts: [] }, { stage: 'SCORE' }];
  const { latent, pixels, embedding, score } = await answer(stages, ['latent', 'pixels', 'embedding', 'score']);
  expect(embedding!.dims).toEqual([2, card.embedding!.size]);
  expect(score!.dims).toEqual([2]);
  const again = await answer([{ stage: 'EMBED', texts: [] }, { stage: 'SCORE' }], ['embedding', 'score'], {
    latent: latent!,
    pixels: pixels!,
  });
  expect(again).toEqual({ embedding, score });
});

test('texts are embedded many at once, each as if it were alone', async () => {
  const both = await answer([{ stage: 'EMBED', texts: [[prompt], [other]] }], ['text_embedding']);
  expect(both.text_embedding!.dims).toEqual([2, 5]);
  const alone = await answer([{ stage: 'EMBED', texts: [[other]] }], ['text_embedding']);
  expect(alone.text_embedding!.data).toEqual(both.text_embedding!.data.subarray(5));
});

test('a picture that is sent is encoded and embedded', async () => {
  const image = { data: Uint8Array.from({ length: 192 }, (_, i) => (i * 37) % 256), dims: [1, 8, 8, 3] };
  const stages: StagePlan[] = [{ stage: 'IMAGE_ENCODE' }, { stage: 'EMBED', texts: [] }];
  const { encoded, embedding } = await answer(stages, ['encoded', 'embedding'], { image });
  expect(await pipeline.embedLatents(encoded!)).toEqual(embedding);
});

test('a run that was interrupted ends in the same bytes, whatever it draws and starts from', async () => {
  const image = { data: Uint8Array.from({ length: 192 }, (_, i) => (i * 37) % 256), dims: [1, 8, 8, 3] };
  const [encode, denoise] = picture as [StagePlan, DenoisePlan];
  const own = { ...denoise, steps: 10, eta: 0.5, start: { strength: 0.8 }, width: 8, height: 8 };
  const first = await answer([{ stage: 'IMAGE_ENCODE' }, encode, { ...own, checkpointEvery: 3 }], ['latent'], {
    image,
  });
  const { latent, ...checkpoint } = first;
  expect(Object.keys(checkpoint)).toEqual(['resume']);
  // Eight steps, so the last checkpoint is after six; one draw for the picture's latent and one for its noise before.
  const on = await answer([encode, { ...own, resumeAt: 6, resumeDraws: 8 }], ['latent'], checkpoint);
  expect(on.latent).toEqual(latent);
});

test('a run that another one began ends in the same bytes, with all that its scheduler remembers', async () => {
  const scheduler = { ...card.scheduler, _class_name: 'DPMSolverMultistepScheduler' };
  const run = (change: Partial<DenoisePlan>, returns: string[], sent: Record<string, Tensor> = {}) => {
    const [encode, denoise] = picture as [StagePlan, DenoisePlan];
    return answer([encode, { ...denoise, steps: 10, scheduler, ...change }], returns, sent);
  };
  const whole = await run({ keepAt: [1, 5] }, ['at_1', 'at_5', 'latent']);
  expect(Object.keys(whole).sort()).toEqual([
    'at_1',
    'at_1_output_0',
    'at_5',
    'at_5_output_0',
    'at_5_output_1',
    'latent',
  ]);
  for (const step of [1, 5]) {
    const kept = Object.entries(whole).filter(([name]) => name === `at_${step}` || name.startsWith(`at_${step}_`));
    const sent = Object.fromEntries(kept.map(([name, tensor]) => [name.replace(`at_${step}`, 'resume'), tensor]));
    expect((await run({ resumeAt: step }, ['latent'], sent)).latent).toEqual(whole.latent);
  }
});
