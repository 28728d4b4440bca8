import type { Config } from '../checkpoint/config.ts';

export interface AutoencoderTinyConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly latentChannels: number;
  /** Channels inside each half: the same at every size. */
  readonly encoderChannels: number;
  readonly decoderChannels: number;
  /** Residual blocks at each size: of the encoder from the finest, of the decoder from the coarsest. */
  readonly encoderBlocks: readonly number[];
  readonly decoderBlocks: readonly number[];
  /** How much larger pictures get between two sizes of the decoder. */
  readonly upsampling: number;
  readonly activation: 'relu' | 'silu' | 'gelu';
  readonly scalingFactor: number;
  /** Pixels per latent pixel, on a side: of what is decoded. */
  readonly scale: number;
}

/** Reads an `AutoencoderTiny` config. @throws CheckpointError */
export function autoencoderTinyConfig(config: Config): AutoencoderTinyConfig {
  config.only('upsample_fn', 'nearest');
  const half = (name: 'encoder' | 'decoder', blocksByDefault: readonly number[]) => {
    const key = `${name}_block_out_channels`;
    const channels = config.counts(key, [64, 64, 64, 64]);
    const blocks = config.counts(`num_${name}_blocks`, blocksByDefault);
    if (channels.length !== blocks.length)
      throw config.error(key, `${blocks.length} numbers, one for each size`, channels);
    // No layer in between could make one number of another.
    if (channels.some(count => count !== channels[0]))
      throw config.error(key, 'the same number for each size', channels);
    return { channels: channels[0]!, blocks };
  };
  const encoder = half('encoder', [1, 3, 3, 3]);
  const decoder = half('decoder', [3, 3, 3, 1]);
  const upsampling = config.count('upsampling_scaling_factor', 2);
  const activation = config.choice('act_fn', 'relu', ['relu', 'silu', 'swish', 'gelu']);
  return {
    inChannels: config.count('in_channels', 3),
    outChannels: config.count('out_channels', 3),
    latentChannels: config.count('latent_channels', 4),
    encoderChannels: encoder.channels,
    decoderChannels: decoder.channels,
    encoderBlocks: encoder.blocks,
    decoderBlocks: decoder.blocks,
    upsampling,
    activation: activation === 'swish' ? 'silu' : activation,
    scalingFactor: config.number('scaling_factor', 1),
    scale: upsampling ** (decoder.blocks.length - 1),
  };
}
