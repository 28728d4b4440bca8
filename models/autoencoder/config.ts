import type { Config } from '../checkpoint/config.ts';
import { boundedScores, needsBound } from '../graph/attention.ts';

export interface AutoencoderConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly latentChannels: number;
  /** Channels of each level, the finest first. Between two levels pictures are halved. */
  readonly blockOutChannels: readonly number[];
  readonly layersPerBlock: number;
  readonly groups: number;
  /** Whether the middle has attention beside its two residual blocks. */
  readonly middleAttention: boolean;
  /** How many scores of pixels for each other are in memory at a time; undefined: all, because they are few enough. */
  readonly scoresAtOnce?: number;
  readonly quantConv: boolean;
  readonly postQuantConv: boolean;
  /** The UNet sees latents multiplied by this, so that their standard deviation is about 1. */
  readonly scalingFactor: number;
  /** What is usual for each channel of its latents; null where the config does not say both. */
  readonly latentStatistics: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  /** Pixels per latent pixel, on a side. */
  readonly scale: number;
}

/** Reads an `AutoencoderKL` config. @throws CheckpointError */
export function autoencoderConfig(config: Config): AutoencoderConfig {
  const channels = config.counts('block_out_channels', [64]);
  const groups = config.count('norm_num_groups', 32);
  for (const width of channels) {
    if (width % groups !== 0) throw config.error('norm_num_groups', `a divisor of ${width}`, groups);
  }
  for (const [key, only] of [
    ['down_block_types', 'DownEncoderBlock2D'],
    ['up_block_types', 'UpDecoderBlock2D'],
  ] as const) {
    const blocks = config.choices(key, [only], [only]);
    if (blocks.length !== channels.length) throw config.error(key, `${channels.length} blocks`, blocks);
  }
  config.only('act_fn', 'silu', 'swish');
  const latentChannels = config.count('latent_channels', 4);
  const scale = 2 ** (channels.length - 1);
  // In pixels; one that is not said, or is diffusers' default, says nothing.
  const size = config.value('sample_size') ?? 32;
  const known = typeof size === 'number' && size > 32;
  return {
    inChannels: config.count('in_channels', 3),
    outChannels: config.count('out_channels', 3),
    latentChannels,
    blockOutChannels: channels,
    layersPerBlock: config.count('layers_per_block', 1),
    groups,
    middleAttention: config.boolean('mid_block_add_attention', true),
    ...((!known || needsBound(1, (size / scale) ** 2)) && { scoresAtOnce: boundedScores }),
    quantConv: config.boolean('use_quant_conv', true),
    postQuantConv: config.boolean('use_post_quant_conv', true),
    scalingFactor: config.number('scaling_factor', 0.18215),
    latentStatistics: latentStatistics(config, latentChannels),
    scale,
  };
}

function latentStatistics(config: Config, channels: number): AutoencoderConfig['latentStatistics'] {
  if ((config.value('latents_mean') ?? config.value('latents_std') ?? null) === null) return null;
  const numbers = (key: string, accepted: (value: number) => boolean, expected: string): readonly number[] | null => {
    const value = config.value(key) ?? null;
    if (value === null) return null;
    const fits = Array.isArray(value) && value.length === channels;
    if (!fits || !value.every(each => Number.isFinite(each) && accepted(each)))
      throw config.error(key, expected, value);
    return value;
  };
  const mean = numbers('latents_mean', () => true, `${channels} numbers`);
  const std = numbers('latents_std', each => each > 0, `${channels} numbers above 0`);
  return mean && std && { mean, std };
}
