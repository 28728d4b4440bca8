import { attention } from '../graph/attention.ts';
import type { FeatureMap, Graph } from '../graph/graph.ts';
import {
  add,
  conv2d,
  groupNorm,
  linear,
  pixelsToTokens,
  silu,
  tokensToPixels,
  upsampleNearest,
} from '../graph/layers.ts';
import { resnetBlock } from '../resnet-block.ts';
import type { AutoencoderConfig } from './config.ts';

/** Every norm of the autoencoder; the UNet's residual blocks have another. */
const epsilon = 1e-6;

/**
 *     image ─▶ conv ─▶ [ residual × layers ─▶ half size ] × levels ─▶ middle ─▶ norm ─▶ silu ─▶ conv ─▶ moments
 *
 * Input: `image [batch, 3, height, width] float32` in -1..1. Output: `moments [batch, 2 latent, height/8, width/8]`, mean
 * and logarithm of the variance.
 */
export function encoderGraph(config: AutoencoderConfig, graph: Graph): Graph {
  const { blockOutChannels: widths, layersPerBlock, groups, latentChannels } = config;
  const encoder = graph.at('encoder');
  let h = conv2d(encoder.at('conv_in'), graph.featureMap('image', config.inChannels), widths[0]!);
  for (const [i, width] of widths.entries()) {
    const block = encoder.at('down_blocks').at(i);
    for (let j = 0; j < layersPerBlock; j++) h = resnetBlock(block.at('resnets').at(j), h, width, { groups, epsilon });
    if (i === widths.length - 1) break;
    // One row below and one column to the right, and none on the other sides.
    h = conv2d(block.at('downsamplers').at(0).at('conv'), h, width, { stride: 2, padding: [0, 0, 1, 1] });
  }
  h = middle(encoder.at('mid_block'), h, config);
  h = silu(graph, groupNorm(encoder.at('conv_norm_out'), h, groups, epsilon));
  h = conv2d(encoder.at('conv_out'), h, 2 * latentChannels);
  if (config.quantConv) h = conv2d(graph.at('quant_conv'), h, 2 * latentChannels, { kernel: 1 });
  graph.output('moments', h, ['batch', 2 * latentChannels, 'latent_height', 'latent_width']);
  return graph;
}

/**
 *     latent ─▶ conv ─▶ middle ─▶ [ residual × (layers + 1) ─▶ double size ] × levels ─▶ norm ─▶ silu ─▶ conv ─▶ image
 *
 * Input: `latent [batch, latent, height/8, width/8] float32`, not scaled. Output: `image [batch, 3, height, width]`, about
 * -1..1.
 */
export function decoderGraph(config: AutoencoderConfig, graph: Graph): Graph {
  const { layersPerBlock, groups, latentChannels } = config;
  const widths = [...config.blockOutChannels].reverse();
  const decoder = graph.at('decoder');
  let h = graph.featureMap('latent', latentChannels);
  if (config.postQuantConv) h = conv2d(graph.at('post_quant_conv'), h, latentChannels, { kernel: 1 });
  h = conv2d(decoder.at('conv_in'), h, widths[0]!);
  h = middle(decoder.at('mid_block'), h, config);
  for (const [i, width] of widths.entries()) {
    const block = decoder.at('up_blocks').at(i);
    for (let j = 0; j <= layersPerBlock; j++) h = resnetBlock(block.at('resnets').at(j), h, width, { groups, epsilon });
    if (i === widths.length - 1) break;
    h = conv2d(block.at('upsamplers').at(0).at('conv'), upsampleNearest(graph, h), width);
  }
  h = silu(graph, groupNorm(decoder.at('conv_norm_out'), h, groups, epsilon));
  graph.output('image', conv2d(decoder.at('conv_out'), h, config.outChannels), [
    'batch',
    config.outChannels,
    'image_height',
    'image_width',
  ]);
  return graph;
}

function middle(graph: Graph, x: FeatureMap, config: AutoencoderConfig): FeatureMap {
  const { groups, middleAttention } = config;
  let h = resnetBlock(graph.at('resnets').at(0), x, x.channels, { groups, epsilon });
  if (middleAttention) h = selfAttention(graph.at('attentions').at(0), h, config);
  return resnetBlock(graph.at('resnets').at(1), h, x.channels, { groups, epsilon });
}

/** Pixels attend to each other, with one head as wide as there are channels. */
function selfAttention(graph: Graph, x: FeatureMap, { groups, scoresAtOnce }: AutoencoderConfig): FeatureMap {
  const { channels } = x;
  const tokens = pixelsToTokens(graph, groupNorm(graph.at('group_norm'), x, groups, epsilon));
  const mixed = attention(graph, {
    query: linear(graph.at('to_q'), tokens, channels),
    key: linear(graph.at('to_k'), tokens, channels),
    value: linear(graph.at('to_v'), tokens, channels),
    heads: 1,
    scoresAtOnce,
    batch: graph.node('Shape', [x.name], { start: 0, end: 1 }),
  });
  return add(graph, tokensToPixels(graph, linear(graph.at('to_out').at(0), mixed, channels), x), x);
}
