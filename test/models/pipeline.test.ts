/** The whole pipeline on a real ONNX Runtime, over a checkpoint small enough to make up. */
import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { CheckpointError } from '../../models/checkpoint/error.ts';
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { DenoiseStep } from '../../models/denoise.ts';
import { ModelError } from '../../models/model-error.ts';
import { type PipelineOptions, StableDiffusionPipeline } from '../../models/pipeline.ts';
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import { type Folder, onDisk, tinyConfigs, tinyFolder } from './tiny-checkpoint.ts';

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

/** Changes the weights of one component. */
function rewrite(folder: Folder, path: string, change: (tensors: Record<string, Tensor>) => void): Folder {
  const tensors = Object.fromEntries(readSafetensors(folder.get(path)!));
  change(tensors);
  return folder.set(path, writeSafetensors(tensors));
}

async function develop(pipeline: StableDiffusionPipeline, change: Partial<PipelineOptions> = {}): Promise<FloatTensor> {
  const prompt = await pipeline.encodeText([[4, 2, 3, 5, 5]]);
  const negative = await pipeline.encodeText([[4, 5, 5, 5, 5]]);
  let latent: FloatTensor | null = null;
  const steps = pipeline.denoise({
    ...prompt,
    negative,
    seeds: [1],
    width: 8,
    height: 8,
    scheduler: pipeline.schedulerConfig,
    steps: 3,
    guidanceScale: 3,
    ...change,
  });
  for await (const step of steps) latent = step.latent;
  return latent!;
}

const unetWeights = 'unet/diffusion_pytorch_model.safetensors';
const vaeWeights = 'vae/diffusion_pytorch_model.safetensors';

test('the same recipe makes the same bytes, alone or beside others', async () => {
  const pipeline = await open(tinyFolder());
  const both = await develop(pipeline, { seeds: [1, 2] });
  expect(both.dims).toEqual([2, 3, 4, 4]);
  const alone = await develop(pipeline, { seeds: [2] });
  expect(both.data.slice(48)).toEqual(alone.data);
  expect(both.data.slice(0, 48)).not.toEqual(alone.data);
  const pictures = await pipeline.decodeToPixels(both);
  expect(pictures.dims).toEqual([2, 8, 8, 3]);
  expect(pictures.data.slice(192)).toEqual((await pipeline.decodeToPixels(alone)).data);
});

const deterministic = [
  'DDIMScheduler',
  'EulerDiscreteScheduler',
  'DPMSolverMultistepScheduler',
  'UniPCMultistepScheduler',
];

test.each(deterministic)('a run of %s that is resumed, after any call, ends in the same bytes', async _class_name => {
  const pipeline = await open(tinyFolder());
  const prompt = await pipeline.encodeText([[4, 2, 3, 5, 5]]);
  const negative = await pipeline.encodeText([[4, 5, 5, 5, 5]]);
  const run = (resume: PipelineOptions['resume'] = null) => {
    const scheduler = { ...pipeline.schedulerConfig, _class_name };
    const size = { width: 8, height: 8 };
    return pipeline.denoise({
      ...prompt,
      negative,
      seeds: [1],
      ...size,
      scheduler,
      steps: 6,
      guidanceScale: 3,
      resume,
    });
  };
  const whole: DenoiseStep[] = [];
  for await (const step of run()) whole.push(step);
  for (const { step, latent, schedulerState: state } of whole.slice(0, -1)) {
    const rest: DenoiseStep[] = [];
    for await (const each of run({ step, latent, state })) rest.push(each);
    expect(rest.map(each => each.step)).toEqual(whole.slice(step).map(each => each.step));
    expect(rest.at(-1)!.latent).toEqual(whole.at(-1)!.latent);
  }
});

test('sizes need not be those of the checkpoint, nor halve evenly', async () => {
  const pipeline = await open(tinyFolder());
  const latent = await develop(pipeline, { width: 14, height: 6 });
  expect(latent.dims).toEqual([1, 3, 3, 7]);
  expect((await pipeline.decodeToPixels(latent)).dims).toEqual([1, 6, 14, 3]);
  await expect(develop(pipeline, { width: 7 })).rejects.toThrow(RangeError);
});

test('the text, its end, and the layers left out make a difference', async () => {
  const pipeline = await open(tinyFolder());
  const [whole, skipped] = [
    await pipeline.encodeText([[4, 2, 5, 5, 5]]),
    await pipeline.encodeText([[4, 2, 5, 5, 5]], { clipSkip: 1 }),
  ];
  expect(whole.promptEmbeds.dims).toEqual([1, 5, 8]);
  expect(skipped.promptEmbeds.data).not.toEqual(whole.promptEmbeds.data);
  expect(skipped.pooled).toEqual(whole.pooled);
  // The end of the text is its first end token.
  expect(whole.pooled.data).toEqual(whole.promptEmbeds.data.slice(16, 24));
  // No token sees a later one.
  const other = await pipeline.encodeText([[4, 2, 3, 5, 5]]);
  expect(other.promptEmbeds.data.slice(0, 16)).toEqual(whole.promptEmbeds.data.slice(0, 16));
  expect(other.promptEmbeds.data.slice(16)).not.toEqual(whole.promptEmbeds.data.slice(16));
  for (const ids of [[[6]], [[-1]], [[0.5]], [[1], [1, 2]], [[]], [], [[1, 1, 1, 1, 1, 1]]]) {
    await expect(pipeline.encodeText(ids)).rejects.toThrow(RangeError);
  }
  await expect(pipeline.encodeText([[4]], { clipSkip: 3 })).rejects.toThrow(RangeError);
});

test('where eos_token_id is 2, the text ends at its highest id', async () => {
  const old = { ...tinyConfigs, textEncoder: { ...tinyConfigs.textEncoder, eos_token_id: 2 } };
  const pipeline = await open(tinyFolder(old));
  const { promptEmbeds, pooled } = await pipeline.encodeText([[4, 2, 3, 5, 5]]);
  expect(pooled.data).toEqual(promptEmbeds.data.slice(24, 32));
});

test('what does not fit the model is a RangeError, not a failure of the runtime', async () => {
  const pipeline = await open(tinyFolder());
  const promptEmbeds = { data: new Float32Array(5 * 7), dims: [1, 5, 7] };
  await expect(develop(pipeline, { promptEmbeds })).rejects.toThrow('prompt embeddings of 7, expected 8');
  const latent = { data: new Float32Array(64), dims: [1, 4, 4, 4] };
  await expect(pipeline.decode(latent)).rejects.toThrow('[1,4,4,4], expected [images, 3, height, width]');
});

test('a picture becomes a latent of its size', async () => {
  const pipeline = await open(tinyFolder());
  const { mean, std } = await pipeline.encode({ data: new Float32Array(3 * 6 * 10), dims: [1, 3, 6, 10] });
  expect([mean.dims, std.dims]).toEqual([
    [1, 3, 3, 5],
    [1, 3, 3, 5],
  ]);
  await expect(pipeline.encode({ data: new Float32Array(3 * 7 * 8), dims: [1, 3, 7, 8] })).rejects.toThrow(RangeError);
});

describe('image to image', () => {
  const image = { data: new Float32Array(3 * 8 * 8).fill(0.5), dims: [1, 3, 8, 8] };

  test('samples a latent of the picture for every seed, and takes the last steps alone', async () => {
    const pipeline = await open(tinyFolder());
    const start = { image, strength: 0.7 };
    const both = await develop(pipeline, { seeds: [1, 2], start });
    const alone = await develop(pipeline, { seeds: [2], start });
    expect(both.data.slice(48)).toEqual(alone.data);
    const counts: number[] = [];
    const prompt = await pipeline.encodeText([[4, 2, 3, 5, 5]]);
    const options = {
      ...prompt,
      seeds: [1],
      width: 8,
      height: 8,
      scheduler: pipeline.schedulerConfig,
      guidanceScale: 1,
    };
    for await (const { step, steps } of pipeline.denoise({ ...options, steps: 3, start })) counts.push(step, steps);
    expect(counts).toEqual([1, 2, 2, 2]);
  });

  test('a latent is where it starts, and no draw is spent on it', async () => {
    const pipeline = await open(tinyFolder());
    const posterior = await pipeline.encode(image);
    const drawn: (readonly number[])[] = [];
    const noise = (dims: readonly number[]) => {
      drawn.push(dims);
      return { data: new Float32Array(48), dims };
    };
    const latent = pipeline.scaleLatent(posterior.mean);
    const fromLatent = await develop(pipeline, { start: { latent, strength: 0.5 }, noise });
    expect(drawn).toHaveLength(1);
    // Noise of zeros: the sample is the mean.
    expect(await develop(pipeline, { start: { image, strength: 0.5 }, noise })).toEqual(fromLatent);
    expect(drawn).toHaveLength(3);
  });

  test('refuses a picture of another size, and a strength that leaves no step', async () => {
    const pipeline = await open(tinyFolder());
    const large = { data: new Float32Array(3 * 16 * 8), dims: [1, 3, 16, 8] };
    await expect(develop(pipeline, { start: { image: large, strength: 0.5 } })).rejects.toThrow(RangeError);
    await expect(develop(pipeline, { start: { image, strength: 0.3 } })).rejects.toThrow('at least 0.3334');
    const latent = { data: new Float32Array(12), dims: [1, 3, 2, 2] };
    await expect(develop(pipeline, { start: { latent, strength: 1 } })).rejects.toThrow('a start of [1,3,2,2]');
  });
});

test('NaN in a weight is an error of the stage that has it, never a picture', async () => {
  const spoil = (path: string, name: string) =>
    rewrite(tinyFolder(), path, tensors => {
      tensors[name]!.data[0] = NaN;
    });
  const unet = await open(spoil(unetWeights, 'conv_out.bias'));
  await expect(develop(unet)).rejects.toThrow(ModelError);
  await expect(develop(unet)).rejects.toThrow('unet: NaN');
  const vae = await open(spoil(vaeWeights, 'decoder.conv_out.bias'));
  await expect(vae.decodeToPixels(await develop(vae))).rejects.toThrow('image decoder: NaN');
});

test('a weight of another shape is an error on loading that names file, key and shapes', async () => {
  const folder = rewrite(tinyFolder(), unetWeights, tensors => {
    tensors['conv_in.weight'] = { data: new Float32Array(4 * 4 * 9), dims: [4, 4, 3, 3] };
  });
  await expect(open(folder)).rejects.toThrow(CheckpointError);
  await expect(open(folder)).rejects.toThrow(
    `${unetWeights}: conv_in.weight: expected [4, 3, 3, 3], found [4, 4, 3, 3]`,
  );
});

test("an old autoencoder's names, and one without what is optional", async () => {
  const reference = await open(tinyFolder());
  const legacy = await open(
    rewrite(tinyFolder(), vaeWeights, tensors => {
      for (const name of Object.keys(tensors)) {
        const old = name
          .replace('to_q', 'query')
          .replace('to_k', 'key')
          .replace('to_v', 'value')
          .replace('to_out.0', 'proj_attn');
        if (old === name) continue;
        tensors[old] = tensors[name]!;
        delete tensors[name];
      }
    }),
  );
  const latent = await develop(reference);
  expect(await legacy.decode(latent)).toEqual(await reference.decode(latent));
  const plain = {
    ...tinyConfigs,
    vae: { ...tinyConfigs.vae, use_quant_conv: false, use_post_quant_conv: false, mid_block_add_attention: false },
  };
  const without = await open(tinyFolder(plain));
  expect((await without.decodeToPixels(latent)).dims).toEqual([1, 8, 8, 3]);
});

test('weights in several files make the same picture as in one', async () => {
  const whole = tinyFolder();
  const folder = tinyFolder();
  const parts: Record<string, Tensor>[] = [{}, {}];
  const map: Record<string, string> = {};
  const names = [1, 2].map(i => `diffusion_pytorch_model-0000${i}-of-00002.safetensors`);
  for (const [i, [name, tensor]] of [...readSafetensors(folder.get(unetWeights)!)].entries()) {
    parts[i % 2]![name] = tensor;
    map[name] = names[i % 2]!;
  }
  folder.delete(unetWeights);
  for (const [i, part] of parts.entries()) folder.set(`unet/${names[i]}`, writeSafetensors(part));
  folder.set(`${unetWeights}.index.json`, Buffer.from(JSON.stringify({ weight_map: map })));
  expect(await develop(await open(folder))).toEqual(await develop(await open(whole)));
});

test('without a preview decoder there is no preview', async () => {
  const pipeline = await open(tinyFolder());
  expect(await pipeline.previewToPixels({ data: new Float32Array(48), dims: [1, 3, 4, 4] })).toBeNull();
});

test('a released pipeline runs again', async () => {
  const pipeline = await open(tinyFolder());
  await pipeline.warm();
  const first = await develop(pipeline);
  await pipeline.release();
  expect(await develop(pipeline)).toEqual(first);
});

describe('weights of 16 bits', () => {
  /** The folder with every float tensor of a file rounded to 16 bits, and the same numbers as float32. */
  function narrow(dtype: 'F16' | 'BF16'): { narrow: Folder; widened: Folder } {
    const folders = { narrow: tinyFolder(), widened: tinyFolder() };
    for (const path of [unetWeights, vaeWeights, 'text_encoder/model.safetensors']) {
      const half = toHalf(readSafetensors(folders.narrow.get(path)!), dtype);
      folders.narrow.set(path, half);
      folders.widened.set(path, writeSafetensors(Object.fromEntries(readSafetensors(half))));
    }
    return folders;
  }

  test.each(['F16', 'BF16'] as const)('%s computes in float32', async dtype => {
    const folders = narrow(dtype);
    const [a, b] = [await open(folders.narrow), await open(folders.widened)];
    const latent = await develop(a);
    expect(latent).toEqual(await develop(b));
    expect(await a.decode(latent)).toEqual(await b.decode(latent));
  });
});

/** Writes safetensors of 16-bit floats, which Darkroom itself never does. Rounds towards zero. */
function toHalf(tensors: ReadonlyMap<string, Tensor>, dtype: 'F16' | 'BF16'): Uint8Array {
  const header: Record<string, unknown> = {};
  const parts: Uint16Array[] = [];
  let offset = 0;
  for (const [name, { data, dims }] of tensors) {
    const bits = new Uint32Array(Float32Array.from(data as Float32Array).buffer);
    const halves = Uint16Array.from(bits, value => {
      if (dtype === 'BF16') return value >>> 16;
      const exponent = ((value >>> 23) & 0xff) - 112;
      return exponent <= 0 ? 0 : ((value >>> 16) & 0x8000) | (exponent << 10) | ((value >>> 13) & 0x3ff);
    });
    header[name] = { dtype, shape: dims, data_offsets: [offset, offset + halves.byteLength] };
    offset += halves.byteLength;
    parts.push(halves);
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, ...parts.map(part => Buffer.from(part.buffer))]));
}
