/** A whole checkpoint that is small enough for tests, with random weights that fit its configs. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { autoencoderConfig } from '../../models/autoencoder/config.ts';
import { decoderGraph, encoderGraph } from '../../models/autoencoder/graph.ts';
import { Config } from '../../models/checkpoint/config.ts';
import type { CheckpointFiles } from '../../models/checkpoint/files.ts';
import { writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { type Weight, Weights } from '../../models/checkpoint/weights.ts';
import { Graph } from '../../models/graph/graph.ts';
import { TorchGenerator } from '../../models/noise.ts';
import type { Tensor } from '../../models/runtime.ts';
import { textEncoderConfig } from '../../models/text-encoder/config.ts';
import { textEncoderGraph } from '../../models/text-encoder/graph.ts';
import { unetConfig } from '../../models/unet/config.ts';
import { unetGraph } from '../../models/unet/graph.ts';

/** Path → contents. */
export type Folder = Map<string, Uint8Array>;

export const tinyConfigs = {
  index: {
    _class_name: 'StableDiffusionPipeline',
    scheduler: ['diffusers', 'DDIMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
  },
  scheduler: { _class_name: 'DDIMScheduler', clip_sample: false, steps_offset: 1 },
  textEncoder: {
    vocab_size: 6,
    hidden_size: 8,
    intermediate_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 5,
    hidden_act: 'quick_gelu',
    eos_token_id: 5,
  },
  unet: {
    sample_size: 4,
    in_channels: 3,
    out_channels: 3,
    down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
    up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
    block_out_channels: [4, 8],
    layers_per_block: 1,
    norm_num_groups: 2,
    cross_attention_dim: 8,
    attention_head_dim: 2,
  },
  vae: {
    latent_channels: 3,
    block_out_channels: [4, 4],
    layers_per_block: 1,
    norm_num_groups: 2,
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  },
};

const vocab = { a: 0, b: 1, 'a</w>': 2, 'b</w>': 3, '<|startoftext|>': 4, '<|endoftext|>': 5 };

/** Every file of the checkpoint; change it to break it. @param seed of its weights */
export function tinyFolder(configs: typeof tinyConfigs = tinyConfigs, seed = 1): Folder {
  const folder: Folder = new Map();
  const json = (path: string, value: unknown) => folder.set(path, new TextEncoder().encode(JSON.stringify(value)));
  json('model_index.json', configs.index);
  json('scheduler/scheduler_config.json', configs.scheduler);
  json('text_encoder/config.json', configs.textEncoder);
  json('unet/config.json', configs.unet);
  json('vae/config.json', configs.vae);
  json('tokenizer/vocab.json', vocab);
  json('tokenizer/tokenizer_config.json', { model_max_length: 5 });
  folder.set('tokenizer/merges.txt', new TextEncoder().encode('#version: 0.2\n'));

  const text = textEncoderConfig(new Config('text_encoder/config.json', configs.textEncoder));
  const unet = unetConfig(new Config('unet/config.json', configs.unet));
  const vae = autoencoderConfig(new Config('vae/config.json', configs.vae));
  const weights = (path: string, ...graphs: readonly ((graph: Graph) => unknown)[]) =>
    folder.set(path, seededWeightsFor(seed, ...graphs));
  weights('text_encoder/model.safetensors', graph => textEncoderGraph(text, graph));
  weights('unet/diffusion_pytorch_model.safetensors', graph => unetGraph(unet, graph));
  weights(
    'vae/diffusion_pytorch_model.safetensors',
    graph => encoderGraph(vae, graph),
    graph => decoderGraph(vae, graph),
  );
  return folder;
}

/** The folder as the model code sees it. */
export function inMemory(folder: Folder): CheckpointFiles {
  const file = (path: string): Uint8Array => {
    const bytes = folder.get(path);
    if (!bytes) throw new Error(`no file ${path}`);
    return bytes;
  };
  return {
    list: async () => [...folder.keys()],
    size: async path => file(path).byteLength,
    read: async path => file(path),
    readRange: async (path, begin, end) => file(path).subarray(begin, end),
    sha256: async path => createHash('sha256').update(file(path)).digest('hex'),
  };
}

/** Writes it to a folder on disk, where ONNX Runtime can map it, and returns that folder's path. @param root default: new */
export async function onDisk(folder: Folder, root?: string): Promise<string> {
  root ??= await mkdtemp(join(tmpdir(), 'darkroom-checkpoint-'));
  for (const [path, bytes] of folder) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  return root;
}

/** A safetensors file with every weight that the graphs ask for. */
export function weightsFor(...graphs: readonly ((graph: Graph) => unknown)[]): Uint8Array {
  return seededWeightsFor(1, ...graphs);
}

function seededWeightsFor(seed: number, ...graphs: readonly ((graph: Graph) => unknown)[]): Uint8Array {
  const asked = new AskedWeights();
  for (const build of graphs) build(Graph.over('tiny', asked));
  const generator = new TorchGenerator(seed);
  const tensors: Record<string, Tensor> = {};
  for (const [name, dims] of asked.shapes) {
    const { data } = generator.randn(dims);
    const norm = /norm[^.]*\.weight$/.test(name);
    tensors[name] = { data: data.map(value => 0.3 * value + (norm ? 1 : 0)), dims };
  }
  return writeSafetensors(tensors);
}

/** Has every weight, and remembers which were asked for. */
export class AskedWeights extends Weights {
  readonly shapes = new Map<string, readonly number[]>();

  constructor() {
    super('tiny.safetensors', new Map());
  }

  override has(): boolean {
    return true;
  }

  override get(name: string, shape: readonly number[]): Weight {
    this.shapes.set(name, shape);
    const bytes = shape.reduce((product, size) => product * size, 4);
    return { name, file: this.file, location: this.file, dtype: 'F32', shape, begin: 0, end: bytes };
  }
}
