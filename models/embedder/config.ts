import type { Config } from '../checkpoint/config.ts';

export interface EmbedderConfig {
  readonly latentChannels: number;
  /** Latent pixels of a side that it was trained with: other latents are brought to that size first. */
  readonly sampleSize: number;
  /** Channels at each size of the latents' side, from the finest. */
  readonly blockOutChannels: readonly number[];
  readonly groups: number;
  /** Size of the one hidden layer before each side's embedding. */
  readonly hiddenSize: number;
  /** Size of the hidden states that the text's side reads. */
  readonly textWidth: number;
  readonly textHeads: number;
  readonly textHeadSize: number;
  /** Numbers of an embedding. */
  readonly projectionDim: number;
  /** What cosines are multiplied with before a softmax over labels: 1 / temperature, at most 100. */
  readonly logitScale: number;
}

/** Reads the config of Darkroom's own embedder. @throws CheckpointError */
export function embedderConfig(config: Config): EmbedderConfig {
  const sampleSize = config.count('sample_size', 16);
  const blockOutChannels = config.counts('block_out_channels', [48, 96, 112]);
  const shrink = 2 ** (blockOutChannels.length - 1);
  if (sampleSize % shrink !== 0) {
    throw config.error('sample_size', `a multiple of ${shrink} for ${blockOutChannels.length} sizes`, sampleSize);
  }
  const groups = config.count('norm_num_groups', 8);
  const odd = blockOutChannels.find(channels => channels % groups !== 0);
  if (odd !== undefined) throw config.error('block_out_channels', `multiples of norm_num_groups, ${groups}`, odd);
  const logitScale = config.number('logit_scale', 100);
  if (logitScale <= 0 || logitScale > 100) throw config.error('logit_scale', 'above 0, at most 100', logitScale);
  return {
    latentChannels: config.count('latent_channels'),
    sampleSize,
    blockOutChannels,
    groups,
    hiddenSize: config.count('hidden_size'),
    textWidth: config.count('text_width'),
    textHeads: config.count('text_heads'),
    textHeadSize: config.count('text_head_size'),
    projectionDim: config.count('projection_dim', 256),
    logitScale,
  };
}
