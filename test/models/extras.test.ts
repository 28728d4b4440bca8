/** Embedder and discriminator inside a checkpoint, on a real ONNX Runtime. Their numbers are compared in test/goldens. */
import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { CheckpointError } from '../../models/checkpoint/error.ts';
import { TorchGenerator } from '../../models/noise.ts';
import { ParameterError } from '../../models/parameter-error.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import type { FloatTensor, Runtime, Tensor } from '../../models/runtime.ts';
import { UnsupportedError } from '../../models/unsupported.ts';
import { type Folder, inMemory, onDisk, tinyFolder } from './tiny-checkpoint.ts';
import { extraConfigs, withExtras } from './tiny-extras.ts';

const opened: { pipeline: StableDiffusionPipeline; root: string }[] = [];

async function open(folder: Folder): Promise<StableDiffusionPipeline> {
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

const rows = ({ data, dims: [count = 0, size = 1] }: FloatTensor) =>
  Array.from({ length: count }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
const length = (row: readonly number[]) => Math.hypot(...row);
const latents = (seed: number, ...dims: number[]) => new TorchGenerator(seed).randn(dims);

describe('an embedder', () => {
  test('makes unit vectors of latents of any size, each as if it were alone', async () => {
    const pipeline = await open(withExtras(tinyFolder()));
    const two = latents(1, 2, 3, 4, 4);
    const both = await pipeline.embedLatents(two);
    expect(both.dims).toEqual([2, 5]);
    const second = await pipeline.embedLatents({ data: two.data.subarray(48), dims: [1, 3, 4, 4] });
    for (const [i, value] of rows(second)[0]!.entries()) expect(value).toBeCloseTo(rows(both)[1]![i]!, 6);
    const wide = await pipeline.embedLatents(latents(2, 1, 3, 4, 9));
    for (const row of [...rows(both), ...rows(wide)]) expect(length(row)).toBeCloseTo(1, 5);
  });

  test('puts texts into the same space, and other texts elsewhere', async () => {
    const pipeline = await open(withExtras(tinyFolder()));
    const embed = async (ids: number[]) => {
      const { promptEmbeds } = await pipeline.encodeText([ids]);
      return rows(await pipeline.embedTexts(promptEmbeds))[0]!;
    };
    const [one, again, other] = [
      await embed([4, 2, 5, 5, 5]),
      await embed([4, 2, 5, 5, 5]),
      await embed([4, 3, 5, 5, 5]),
    ];
    expect(one).toEqual(again);
    expect(length(one)).toBeCloseTo(1, 5);
    expect(length(one.map((value, i) => value - other[i]!))).toBeGreaterThan(1e-4);
  });

  test('says what it cannot embed', async () => {
    const pipeline = await open(withExtras(tinyFolder()));
    await expect(pipeline.embedLatents(latents(1, 1, 4, 4, 4))).rejects.toThrow(
      new ParameterError('a latent [1,4,4,4], expected [images, 3, height, width]'),
    );
    await expect(pipeline.embedTexts(latents(1, 1, 5, 7))).rejects.toThrow(
      new ParameterError('prompt embeddings [1,5,7], expected [texts, tokens, 8]'),
    );
  });
});

describe('a discriminator', () => {
  const noise = (...dims: number[]): Tensor<Uint8Array> => {
    const { data } = latents(3, ...dims);
    return { data: Uint8Array.from(data, value => 128 + 60 * value), dims };
  };

  test('scores pictures of any size from 0 to 1, each as if it were alone', async () => {
    const pipeline = await open(withExtras(tinyFolder()));
    const two = noise(2, 8, 8, 3);
    const both = await pipeline.score(two);
    expect(both.dims).toEqual([2]);
    const second = await pipeline.score({ data: two.data.subarray(192), dims: [1, 8, 8, 3] });
    expect(second.data[0]).toBeCloseTo(both.data[1]!, 6);
    expect(both.data[0]).not.toBe(both.data[1]);
    const [wide] = (await pipeline.score(noise(1, 9, 21, 3))).data;
    for (const score of [...both.data, wide!]) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
  });

  test('calls real what reaches its threshold', async () => {
    const { discriminator } = await open(withExtras(tinyFolder()));
    expect([0.2499, 0.25, 0.9].map(score => discriminator!.isReal(score))).toEqual([false, true, true]);
  });
});

test('a checkpoint without them runs, and says so only where they are asked for', async () => {
  const pipeline = await open(tinyFolder());
  await pipeline.warm(['TEXT_ENCODE', 'EMBED', 'SCORE']);
  await expect(pipeline.embedLatents(latents(1, 1, 3, 4, 4))).rejects.toThrow(
    new UnsupportedError('an embedding by this checkpoint', 'one with an embedder'),
  );
  await expect(pipeline.embedTexts(latents(1, 1, 5, 8))).rejects.toBeInstanceOf(UnsupportedError);
  await expect(pipeline.score({ data: new Uint8Array(3), dims: [1, 1, 1, 3] })).rejects.toThrow(
    new UnsupportedError('a score by this checkpoint', 'one with a discriminator'),
  );
});

const noRuntime: Runtime = { createSession: () => Promise.reject(new Error('no session is needed to open a folder')) };
const embedder = (change: object) => ({ ...extraConfigs, embedder: { ...extraConfigs.embedder, ...change } });
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test.each<[string, (folder: Folder) => Folder, string]>([
  [
    'no weights',
    folder => {
      folder.delete('embedder/model.safetensors');
      return folder;
    },
    'embedder/model.safetensors: expected a file, found none',
  ],
  [
    'weights of another size',
    folder => folder.set('discriminator/config.json', json({ ...extraConfigs.discriminator, hidden_size: 5 })),
    'discriminator/model.safetensors: linear_1.weight: expected [5, 6], found [4, 6]',
  ],
  [
    'another class',
    folder => folder.set('embedder/config.json', json({ ...extraConfigs.embedder, _class_name: 'CLIPModel' })),
    'embedder/config.json: _class_name: expected "DarkroomEmbedder", found "CLIPModel"',
  ],
  [
    'latents of other channels',
    () => withExtras(tinyFolder(), embedder({ latent_channels: 4 })),
    "embedder/config.json: latent_channels: expected the autoencoder's 3, found 4",
  ],
  [
    'another text encoder',
    () => withExtras(tinyFolder(), embedder({ text_width: 7 })),
    "embedder/config.json: text_width: expected the text encoder's 8, found 7",
  ],
  [
    'groups that do not divide',
    folder => folder.set('embedder/config.json', json({ ...extraConfigs.embedder, norm_num_groups: 4 })),
    'embedder/config.json: block_out_channels: expected multiples of norm_num_groups, 4, found 6',
  ],
  [
    'a size that cannot be halved',
    folder => folder.set('embedder/config.json', json({ ...extraConfigs.embedder, sample_size: 5 })),
    'embedder/config.json: sample_size: expected a multiple of 2 for 2 sizes, found 5',
  ],
  [
    'a temperature of nothing',
    folder => folder.set('embedder/config.json', json({ ...extraConfigs.embedder, logit_scale: 101 })),
    'embedder/config.json: logit_scale: expected above 0, at most 100, found 101',
  ],
  [
    'a threshold that everything reaches',
    folder => folder.set('discriminator/config.json', json({ ...extraConfigs.discriminator, threshold: 0 })),
    'discriminator/config.json: threshold: expected above 0 and below 1, found 0',
  ],
  [
    'more plain sizes than sizes',
    folder => folder.set('discriminator/config.json', json({ ...extraConfigs.discriminator, plain_blocks: 3 })),
    'discriminator/config.json: plain_blocks: expected at most 2, the number of sizes, found 3',
  ],
])('a broken one is refused in one line: %s', async (_, change, message) => {
  const folder = change(withExtras(tinyFolder()));
  const error = await StableDiffusionPipeline.load(inMemory(folder), noRuntime).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckpointError);
  expect((error as CheckpointError).message).toBe(message);
});
