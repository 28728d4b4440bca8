import { attention } from '../graph/attention.ts';
import type { FeatureMap, Graph, Tokens } from '../graph/graph.ts';
import { add, geglu, groupNorm, layerNorm, linear, pixelsToTokens, tokensToPixels } from '../graph/layers.ts';

export interface TransformerOptions {
  readonly groups: number;
  readonly heads: number;
  /** How many scores of pixels for each other are in memory at a time; undefined: all. */
  readonly scoresAtOnce: number | undefined;
  readonly layers: number;
  /** Whether the projections are 1×1 convolutions in the checkpoint. Over tokens they are the same linear layers. */
  readonly convolution: boolean;
  /** Text embeddings `[batch × sequence, width]`. */
  readonly context: Tokens;
  /** The batch size, an `int64[1]` value. */
  readonly batch: string;
}

/**
 * diffusers' `Transformer2DModel`: pixels attend to each other and to the text.
 *
 *     pixels ─▶ norm ─▶ project ─▶ [ self attention ─▶ cross attention ─▶ feed forward ] × layers ─▶ project ─▶ + pixels
 *
 * @param x `[batch, channels, height, width]`
 * @returns the same shape
 */
export function transformer(graph: Graph, x: FeatureMap, options: TransformerOptions): FeatureMap {
  const { groups, layers, convolution } = options;
  let h = pixelsToTokens(graph, groupNorm(graph.at('norm'), x, groups, 1e-6)); // [batch × height × width, channels]
  h = linear(graph.at('proj_in'), h, x.channels, { convolution });
  for (let i = 0; i < layers; i++) h = transformerBlock(graph.at('transformer_blocks').at(i), h, options);
  h = linear(graph.at('proj_out'), h, x.channels, { convolution });
  return add(graph, tokensToPixels(graph, h, x), x);
}

/** diffusers' `BasicTransformerBlock`. */
function transformerBlock(graph: Graph, x: Tokens, options: TransformerOptions): Tokens {
  const { channels } = x;
  const self = layerNorm(graph.at('norm1'), x, 1e-5);
  let h = add(graph, attend(graph.at('attn1'), self, self, options, options.scoresAtOnce), x);
  h = add(graph, attend(graph.at('attn2'), layerNorm(graph.at('norm2'), h, 1e-5), options.context, options), h);

  const feed = graph.at('ff').at('net');
  const inner = geglu(feed.at(0).at('proj'), layerNorm(graph.at('norm3'), h, 1e-5), 4 * channels);
  return add(graph, linear(feed.at(2), inner, channels), h);
}

function attend(
  graph: Graph,
  x: Tokens,
  context: Tokens,
  { heads, batch }: TransformerOptions,
  scoresAtOnce?: number,
): Tokens {
  const query = linear(graph.at('to_q'), x, x.channels, { bias: false });
  const key = linear(graph.at('to_k'), context, x.channels, { bias: false });
  const value = linear(graph.at('to_v'), context, x.channels, { bias: false });
  const mixed = attention(graph, { query, key, value, heads, batch, scoresAtOnce });
  return linear(graph.at('to_out').at(0), mixed, x.channels);
}
