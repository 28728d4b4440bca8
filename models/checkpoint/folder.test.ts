import { describe, expect, test } from 'vitest';
import { type Folder, inMemory, tinyConfigs, tinyFolder } from '../../test/models/tiny-checkpoint.ts';
import { StableDiffusionPipeline } from '../pipeline.ts';
import type { Runtime, Tensor } from '../runtime.ts';
import { checkpointDigest } from './digest.ts';
import { CheckpointError } from './error.ts';
import { openCheckpoint } from './folder.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const noRuntime: Runtime = { createSession: () => Promise.reject(new Error('no session is needed to open a folder')) };
const open = (folder: Folder) => StableDiffusionPipeline.load(inMemory(folder), noRuntime);

async function failure(change: (folder: Folder) => void): Promise<CheckpointError> {
  const folder = tinyFolder();
  change(folder);
  const error = await open(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckpointError);
  return error as CheckpointError;
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const unet = (change: object) => (folder: Folder) =>
  folder.set('unet/config.json', json({ ...tinyConfigs.unet, ...change }));

test('a folder opens without its weights being read', async () => {
  const files = inMemory(tinyFolder());
  const ranges: number[] = [];
  const watched = {
    ...files,
    readRange: (path: string, begin: number, end: number) => {
      ranges.push(end);
      return files.readRange(path, begin, end);
    },
  };
  const { unet: component } = await openCheckpoint(watched);
  expect(component.weights.parameterCount).toBeGreaterThan(1000);
  const size = await files.size('unet/diffusion_pytorch_model.safetensors');
  expect(Math.max(...ranges)).toBeLessThan(size);
});

test.each([...tinyFolder().keys()].filter(path => path !== 'tokenizer/tokenizer_config.json'))(
  'a folder without %s is refused with an error that names it',
  async path => {
    const error = await failure(folder => folder.delete(path));
    expect(error).toMatchObject({ file: path, key: null, expected: 'a file', found: 'none' });
  },
);

describe('an error names file, key, expected and found', () => {
  test.each<[string, (folder: Folder) => void, string]>([
    [
      'a pipeline of another class',
      folder => folder.set('model_index.json', json({ _class_name: 'StableDiffusion3Pipeline' })),
      '"StableDiffusionXLImg2ImgPipeline", found "StableDiffusion3Pipeline"',
    ],
    [
      'a component of another class',
      folder => folder.set('model_index.json', json({ ...tinyConfigs.index, unet: ['diffusers', 'UNetMotionModel'] })),
      'model_index.json: unet: expected a UNet2DConditionModel, found "UNetMotionModel"',
    ],
    [
      'an index that is not JSON',
      folder => folder.set('model_index.json', Uint8Array.of(0x7b)),
      'model_index.json: expected JSON',
    ],
    ['a block of another class', unet({ down_block_types: ['DownBlock2D', 'AttnDownBlock2D'] }), '"AttnDownBlock2D"'],
    ['too few blocks', unet({ up_block_types: ['UpBlock2D'] }), 'unet/config.json: up_block_types: expected 2 blocks'],
    ['images as prompts', unet({ addition_embed_type: 'image' }), 'expected "text_time", found "image"'],
    [
      'sizes of unknown width',
      unet({ addition_embed_type: 'text_time' }),
      'unet/config.json: addition_time_embed_dim: expected a whole number of at least 1, found nothing',
    ],
    [
      'sizes that do not fit',
      unet({ addition_embed_type: 'text_time', addition_time_embed_dim: 2, projection_class_embeddings_input_dim: 8 }),
      'projection_class_embeddings_input_dim: expected 20, for pooled text and sizes, found 8',
    ],
    ['groups that do not divide', unet({ norm_num_groups: 3 }), 'norm_num_groups: expected a divisor of 4, found 3'],
    ['heads that do not divide', unet({ attention_head_dim: [1, 3] }), 'attention_head_dim: expected a divisor of 8'],
    ['a number that is a text', unet({ norm_eps: '1e-5' }), 'norm_eps: expected a number, found "1e-5"'],
    ['channels that do not fit', unet({ in_channels: 9 }), "in_channels: expected the autoencoder's 3, found 9"],
    ['texts that do not fit', unet({ cross_attention_dim: 16 }), "expected the text encoder's 8, found 16"],
    [
      'weights that are not safetensors',
      folder => folder.set('vae/diffusion_pytorch_model.safetensors', new Uint8Array(20)),
      'vae/diffusion_pytorch_model.safetensors: expected a safetensors file, found',
    ],
  ])('%s', async (_, change, message) => {
    expect((await failure(change)).message).toContain(message);
  });
});

describe('weights in several files', () => {
  const file = 'unet/diffusion_pytorch_model.safetensors';
  const index = `${file}.index.json`;
  const shard = (i: number) => `diffusion_pytorch_model-0000${i}-of-00002.safetensors`;

  /** Puts the UNet's tensors into two files by turns, and says so in an index. */
  function sharded(folder: Folder): Record<string, string> {
    const parts: Record<string, Tensor>[] = [{}, {}];
    const map: Record<string, string> = {};
    for (const [i, [name, tensor]] of [...readSafetensors(folder.get(file)!)].entries()) {
      parts[i % 2]![name] = tensor;
      map[name] = shard(1 + (i % 2));
    }
    folder.delete(file);
    for (const [i, part] of parts.entries()) folder.set(`unet/${shard(1 + i)}`, writeSafetensors(part));
    folder.set(index, json({ metadata: { total_size: 1 }, weight_map: map }));
    return map;
  }

  test('are the same checkpoint, with every file in its digest', async () => {
    const folder = tinyFolder();
    const whole = (await open(folder)).checkpoint.unet.weights;
    sharded(folder);
    const { unet: component, contents } = (await open(folder)).checkpoint;
    expect(component.weights.parameterCount).toBe(whole.parameterCount);
    expect(contents).toEqual(expect.arrayContaining([index, `unet/${shard(1)}`, `unet/${shard(2)}`]));
  });

  test.each<[string, (folder: Folder, map: Record<string, string>) => void, string]>([
    [
      'a part is missing',
      folder => folder.delete(`unet/${shard(2)}`),
      `unet/${shard(2)}: expected a file, as ${index}`,
    ],
    [
      'a part lacks a tensor',
      (folder, map) => folder.set(index, json({ weight_map: { ...map, 'conv_in.bias': shard(2), 'x.y': shard(1) } })),
      'expected a tensor, as',
    ],
    [
      'a part lies elsewhere',
      folder => folder.set(index, json({ weight_map: { x: '../vae/diffusion_pytorch_model.safetensors' } })),
      'weight_map.x: expected the name of a safetensors file',
    ],
    ['nothing is said of where they are', folder => folder.set(index, json({})), 'weight_map: expected an object'],
  ])('%s', async (_, change, message) => {
    expect((await failure(folder => change(folder, sharded(folder)))).message).toContain(message);
  });

  test('and a tensor that is in none is missing in the index', async () => {
    const error = await failure(folder => {
      const { 'conv_in.bias': _, ...map } = sharded(folder);
      folder.set(index, json({ weight_map: map }));
    });
    expect(error).toMatchObject({ file: index, key: 'conv_in.bias', expected: 'a tensor [4]', found: 'none' });
  });
});

describe('the digest', () => {
  const digest = async (change: (folder: Folder) => void = () => undefined) => {
    const folder = tinyFolder();
    change(folder);
    return checkpointDigest(await openCheckpoint(inMemory(folder)));
  };

  test('is a SHA-256 that stays the same', async () => {
    expect(await digest()).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest()).toBe(await digest());
  });

  test('changes with a weight, a config, the tokenizer, and what the card says', async () => {
    const digests = await Promise.all([
      digest(),
      digest(folder => {
        const weights = folder.get('unet/diffusion_pytorch_model.safetensors')!;
        weights[weights.length - 1]! ^= 1;
      }),
      digest(folder => folder.set('scheduler/scheduler_config.json', json({ _class_name: 'DDIMScheduler' }))),
      digest(folder => folder.set('tokenizer/merges.txt', new TextEncoder().encode('a b\n'))),
      digest(folder => folder.set('vocabulary.json', json({ version: 1, entries: [] }))),
    ]);
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('covers the one file of a tokenizer that transformers 5 saved', async () => {
    const saved = (merges: string[]) => (folder: Folder) => {
      const vocab = JSON.parse(new TextDecoder().decode(folder.get('tokenizer/vocab.json')));
      folder.set('tokenizer/tokenizer.json', json({ model: { vocab, merges } }));
      for (const name of ['vocab.json', 'merges.txt']) folder.delete(`tokenizer/${name}`);
    };
    expect(await digest(saved([]))).not.toBe(await digest(saved(['a b'])));
  });

  test('does not change with files that nothing reads', async () => {
    expect(await digest(folder => folder.set('tokenizer/tokenizer.json', json({})))).toBe(await digest());
    expect(await digest(folder => folder.set('README.md', Uint8Array.of(1)))).toBe(await digest());
  });
});
