import type { Config } from '../checkpoint/config.ts';

export interface TextEncoderConfig {
  readonly vocabSize: number;
  /** Size of an embedding. */
  readonly width: number;
  /** Size of the MLP's hidden layer. */
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  /** The longest sequence there are position embeddings for. */
  readonly maxPositions: number;
  readonly activation: 'quick_gelu' | 'gelu';
  readonly epsilon: number;
  readonly eosTokenId: number;
  /** Size of the pooled text: `width`, or what a `CLIPTextModelWithProjection` projects it to. */
  readonly pooledWidth: number;
  readonly projection: boolean;
}

/** Reads the config of a `CLIPTextModel`, with or without projection. @throws CheckpointError */
export function textEncoderConfig(config: Config, projection = false): TextEncoderConfig {
  // diffusers hands the model an attention mask only if its config asks for one.
  config.only('use_attention_mask', false, null);
  const width = config.count('hidden_size', 512);
  const heads = config.count('num_attention_heads', 8);
  if (width % heads !== 0) throw config.error('num_attention_heads', `a divisor of ${width}`, heads);
  return {
    vocabSize: config.count('vocab_size', 49408),
    width,
    inner: config.count('intermediate_size', 2048),
    layers: config.count('num_hidden_layers', 12),
    heads,
    maxPositions: config.count('max_position_embeddings', 77),
    activation: config.choice('hidden_act', 'quick_gelu', ['quick_gelu', 'gelu']),
    epsilon: config.number('layer_norm_eps', 1e-5),
    eosTokenId: config.count('eos_token_id', 49407, 0),
    pooledWidth: projection ? config.count('projection_dim', 512) : width,
    projection,
  };
}
