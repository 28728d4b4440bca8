/** SDXL on a real ONNX Runtime, over a checkpoint small enough to make up. What its numbers must be, goldens say. */
import { rm } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { checkpointCard } from '../../models/card.ts';
import { type PipelineOptions, StableDiffusionPipeline } from '../../models/pipeline.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import { type Folder, onDisk } from './tiny-checkpoint.ts';
import { tinySdxlFolder } from './tiny-sdxl.ts';

const opened: { pipeline: StableDiffusionPipeline; root: string }[] = [];

async function open(folder: Folder = tinySdxlFolder()): Promise<StableDiffusionPipeline> {
  const root = await onDisk(folder);
  const runtime = createOnnxRuntime({ folder: root, threads: 1 });
  const pipeline = await StableDiffusionPipeline.load(checkpointFiles(root), runtime);
  opened.push({ pipeline, root });
  return pipeline;
}

afterEach(async () => {
  for (const { pipeline, root } of opened.splice(0)) {
    await pipeline.release();
    await rm(root, { recursive: true });
  }
});

const ids = [4, 2, 3, 5, 5];
const empty = [4, 5, 5, 5, 5];

async function develop(pipeline: StableDiffusionPipeline, change: Partial<PipelineOptions> = {}): Promise<FloatTensor> {
  const prompt = await pipeline.encodeText([ids, ids]);
  let latent: FloatTensor | null = null;
  const steps = pipeline.denoise({
    ...prompt,
    negative: pipeline.noPrompt(prompt),
    seeds: [1],
    width: 8,
    height: 8,
    scheduler: pipeline.schedulerConfig,
    steps: 2,
    guidanceScale: 3,
    ...change,
  });
  for await (const step of steps) latent = step.latent;
  return latent!;
}

test('two encoders stand side by side, the second says what the text is as a whole', async () => {
  const pipeline = await open();
  const { promptEmbeds, pooled } = await pipeline.encodeText([ids, ids]);
  expect([promptEmbeds.dims, pooled.dims]).toEqual([
    [1, 5, 12],
    [1, 6],
  ]);
  const first = await pipeline.encodeText([empty, ids]);
  expect(first.pooled).toEqual(pooled);
  expect(first.promptEmbeds.data.slice(-4)).toEqual(promptEmbeds.data.slice(-4));
  expect(first.promptEmbeds.data.slice(-12, -4)).not.toEqual(promptEmbeds.data.slice(-12, -4));
  await expect(pipeline.encodeText([ids])).rejects.toThrow('1 lists of token ids, expected one for each of 2');
  // The first encoder has two layers, and the last is never looked at.
  expect(pipeline.texts.maxClipSkip).toBe(1);
  await expect(pipeline.encodeText([ids, ids], { clipSkip: 2 })).rejects.toThrow(RangeError);
});

test('sizes make a difference, and by default are those of the picture', async () => {
  const pipeline = await open();
  const plain = await develop(pipeline);
  const own = { originalSize: [8, 8], cropTopLeft: [0, 0], targetSize: [8, 8] } as const;
  expect(await develop(pipeline, { sizes: own })).toEqual(plain);
  expect(await develop(pipeline, { sizes: { ...own, cropTopLeft: [0, 4] } })).not.toEqual(plain);
  expect(await develop(pipeline, { sizes: { negativeOriginalSize: [4, 4], negativeTargetSize: [8, 8] } })).not.toEqual(
    plain,
  );
});

test('images come out the same alone and beside others', async () => {
  const pipeline = await open();
  const both = await develop(pipeline, { seeds: [1, 2], imagesPerCall: 1 });
  expect(both.data.slice(48)).toEqual((await develop(pipeline, { seeds: [2] })).data);
});

test('zeros stand for no negative prompt, unless the folder says that an empty text does', async () => {
  const zeros = await open();
  const prompt = await zeros.encodeText([ids, ids]);
  expect(zeros.noPrompt(prompt)).toEqual({
    promptEmbeds: { data: new Float32Array(60), dims: [1, 5, 12] },
    pooled: { data: new Float32Array(6), dims: [1, 6] },
  });
  const encoded = await open(tinySdxlFolder({ force_zeros_for_empty_prompt: false }));
  expect(encoded.noPrompt(prompt)).toBeNull();
});

test('without the pooled text there is nothing to tell the UNet', async () => {
  const pipeline = await open();
  await expect(develop(pipeline, { pooled: null, negative: null, guidanceScale: 1 })).rejects.toThrow(RangeError);
});

test('its card has both tokenizers and says what it must be told', async () => {
  const card = await checkpointCard(await open(), 'tiny');
  expect(card.tokenizers).toHaveLength(2);
  expect(card).toMatchObject({ zerosForNoPrompt: true, sizeConditioning: true, limits: { maxClipSkip: 1 } });
});
