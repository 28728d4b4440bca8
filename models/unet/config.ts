import type { Config } from '../checkpoint/config.ts';
import { boundedScores, needsBound } from '../graph/attention.ts';
import { transformerLayers } from './transformer-layers.ts';

/** One level of the UNet, from the finest (index 0) to the coarsest. */
export interface UNetLevel {
  readonly channels: number;
  readonly layers: number;
  readonly heads: number;
  /** Layers of each transformer on the way down, and on the way up, where there is one more. */
  readonly downTransformers: readonly number[];
  readonly upTransformers: readonly number[];
  readonly downAttention: boolean;
  readonly upAttention: boolean;
  /** How many scores of pixels for each other are in memory at a time; undefined: all, because they are few enough. */
  readonly scoresAtOnce?: number;
}

export interface UNetConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Size of the text embeddings it attends to. */
  readonly contextWidth: number;
  /** `[height, width]` of the latents it was trained on. */
  readonly sampleSize: readonly [number, number];
  readonly levels: readonly UNetLevel[];
  /** Layers of the transformer at the bottom: null where there is only a residual block, undefined where there is nothing. */
  readonly middle: number | null | undefined;
  readonly groups: number;
  readonly epsilon: number;
  readonly downsamplePadding: number;
  /** Whether the transformers' projections are linear layers in the checkpoint or 1×1 convolutions. */
  readonly linearProjection: boolean;
  readonly flipSinToCos: boolean;
  readonly frequencyShift: number;
  /** What is added to the timestep's embedding (`text_time`); null where nothing is. */
  readonly addition: UNetAddition | null;
}

/** The pooled text and sizes in pixels, as SDXL's UNet is told them. */
export interface UNetAddition {
  /** Sines and cosines for each size. */
  readonly frequencies: number;
  /** Numbers of the pooled text, and sines and cosines of all sizes. */
  readonly inputWidth: number;
}

/** Reads a `UNet2DConditionModel` config. @throws CheckpointError also for what makes it another model */
export function unetConfig(config: Config): UNetConfig {
  refuseOtherModels(config);
  const channels = config.counts('block_out_channels', [320, 640, 1280, 1280]);
  const count = channels.length;
  const down = config.choices(
    'down_block_types',
    ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
    ['CrossAttnDownBlock2D', 'DownBlock2D'],
  );
  const up = config.choices(
    'up_block_types',
    ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    ['CrossAttnUpBlock2D', 'UpBlock2D'],
  );
  if (down.length !== count) throw config.error('down_block_types', `${count} blocks`, down);
  if (up.length !== count) throw config.error('up_block_types', `${count} blocks`, up);
  const layers = config.countPerBlock('layers_per_block', 2, count);
  // The name is a mistake that diffusers keeps: it is the number of heads.
  const heads = config.countPerBlock('attention_head_dim', 8, count);
  const transformers = transformerLayers(config, layers);
  const groups = config.count('norm_num_groups', 32);
  const size = sampleSize(config);
  const bottom = middle(config, transformers.middle);
  const levels = channels.map((width, i): UNetLevel => {
    if (width % groups !== 0) throw config.error('norm_num_groups', `a divisor of ${width}`, groups);
    const downAttention = down[i] === 'CrossAttnDownBlock2D';
    // The up blocks are listed from the coarsest.
    const upAttention = up[count - 1 - i] === 'CrossAttnUpBlock2D';
    const attends = downAttention || upAttention || (i === count - 1 && typeof bottom === 'number');
    if (attends && width % heads[i]! !== 0) throw config.error('attention_head_dim', `a divisor of ${width}`, heads[i]);
    return {
      channels: width,
      layers: layers[i]!,
      heads: heads[i]!,
      downTransformers: transformers.down[i]!,
      upTransformers: transformers.up[i]!,
      downAttention,
      upAttention,
      ...(needsBound(2 * heads[i]!, (size[0] * size[1]) / 4 ** i) && { scoresAtOnce: boundedScores }),
    };
  });
  if (channels[0]! % 2 !== 0) throw config.error('block_out_channels', 'an even first number', channels);
  return {
    inChannels: config.count('in_channels', 4),
    outChannels: config.count('out_channels', 4),
    contextWidth: contextWidth(config),
    sampleSize: size,
    levels,
    middle: bottom,
    groups,
    epsilon: config.number('norm_eps', 1e-5),
    downsamplePadding: config.count('downsample_padding', 1, 0),
    linearProjection: config.boolean('use_linear_projection', false),
    flipSinToCos: config.boolean('flip_sin_to_cos', true),
    frequencyShift: config.number('freq_shift', 0),
    addition: addition(config),
  };
}

function middle(config: Config, transformer: number): number | null | undefined {
  const key = 'mid_block_type';
  if (config.value(key) === null) return undefined;
  const block = config.choice(key, 'UNetMidBlock2DCrossAttn', ['UNetMidBlock2DCrossAttn', 'UNetMidBlock2D']);
  return block === 'UNetMidBlock2D' ? null : transformer;
}

function addition(config: Config): UNetAddition | null {
  const key = 'addition_embed_type';
  if ((config.value(key) ?? null) === null) return null;
  config.choice(key, 'text_time', ['text_time']);
  const frequencies = config.count('addition_time_embed_dim');
  if (frequencies % 2 !== 0) throw config.error('addition_time_embed_dim', 'an even number', frequencies);
  return { frequencies, inputWidth: config.count('projection_class_embeddings_input_dim') };
}

/** One number, or one for each level; all of them attend to the same text. */
function contextWidth(config: Config): number {
  const key = 'cross_attention_dim';
  if (!Array.isArray(config.value(key))) return config.count(key, 1280);
  const widths = config.counts(key, []);
  if (new Set(widths).size > 1) throw config.error(key, 'the same number for each level', widths);
  return widths[0]!;
}

/** One number or `[height, width]`; diffusers takes null for 64. */
function sampleSize(config: Config): readonly [number, number] {
  const value = config.value('sample_size') ?? null;
  if (value === null) return [64, 64];
  if (Array.isArray(value)) {
    const [height, width] = config.counts('sample_size', []);
    if (value.length !== 2) throw config.error('sample_size', 'a number or [height, width]', value);
    return [height!, width!];
  }
  const side = config.count('sample_size', 64);
  return [side, side];
}

/** diffusers' class is many models; these options make it one that is not Stable Diffusion 1, 2 or XL. */
function refuseOtherModels(config: Config): void {
  const none = [
    'class_embed_type',
    'num_class_embeds',
    'encoder_hid_dim',
    'encoder_hid_dim_type',
    'num_attention_heads',
    'time_cond_proj_dim',
    'time_embedding_dim',
    'time_embedding_act_fn',
    'timestep_post_act',
    'cross_attention_norm',
  ];
  for (const key of none) config.only(key, null);
  const off = [
    'center_input_sample',
    'dual_cross_attention',
    'mid_block_only_cross_attention',
    'resnet_skip_time_act',
    'class_embeddings_concat',
  ];
  for (const key of off) config.only(key, false, null);
  refuseOnlyCrossAttention(config);
  config.only('act_fn', 'silu', 'swish');
  config.only('mid_block_scale_factor', 1);
  config.only('resnet_time_scale_shift', 'default');
  config.only('resnet_out_scale_factor', 1);
  config.only('time_embedding_type', 'positional');
  config.only('attention_type', 'default');
  config.only('conv_in_kernel', 3);
  config.only('conv_out_kernel', 3);
}

/** It may be said of each level. */
function refuseOnlyCrossAttention(config: Config): void {
  const key = 'only_cross_attention';
  const value = config.value(key);
  if (Array.isArray(value) && value.every(each => each === false)) return;
  config.only(key, false, null);
}
