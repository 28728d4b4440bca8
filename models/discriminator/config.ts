import type { Config } from '../checkpoint/config.ts';

export interface DiscriminatorConfig {
  /** Pixels of a side that it was trained with: other pictures are brought to that size first. */
  readonly sampleSize: number;
  /** Channels at each size, the first of them half the picture's. */
  readonly blockOutChannels: readonly number[];
  /** How many sizes have no residual block, from the largest. */
  readonly plainBlocks: number;
  readonly groups: number;
  readonly hiddenSize: number;
  /** The score from which on a picture counts as real, above 0 and below 1. */
  readonly threshold: number;
}

/** Reads the config of Darkroom's own discriminator. @throws CheckpointError */
export function discriminatorConfig(config: Config): DiscriminatorConfig {
  const blockOutChannels = config.counts('block_out_channels', [24, 48, 80, 128]);
  const plainBlocks = config.count('plain_blocks', 2, 0);
  if (plainBlocks > blockOutChannels.length) {
    throw config.error('plain_blocks', `at most ${blockOutChannels.length}, the number of sizes`, plainBlocks);
  }
  const groups = config.count('norm_num_groups', 8);
  const odd = [...blockOutChannels.slice(plainBlocks), blockOutChannels.at(-1)!].find(size => size % groups !== 0);
  if (odd !== undefined) throw config.error('block_out_channels', `multiples of norm_num_groups, ${groups}`, odd);
  const threshold = config.number('threshold', 0.5);
  if (threshold <= 0 || threshold >= 1) throw config.error('threshold', 'above 0 and below 1', threshold);
  return {
    sampleSize: config.count('sample_size'),
    blockOutChannels,
    plainBlocks,
    groups,
    hiddenSize: config.count('hidden_size'),
    threshold,
  };
}
