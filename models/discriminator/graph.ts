import type { FeatureMap, Graph, Vector } from '../graph/graph.ts';
import { conv2d, groupNorm, linear, meanOfPixels, resizeLinear, silu } from '../graph/layers.ts';
import { resnetBlock } from '../resnet-block.ts';
import type { DiscriminatorConfig } from './config.ts';

/** PyTorch's default of a norm. */
const epsilon = 1e-5;

/**
 *     image ─▶ [ half size ─▶ residual ] × sizes ─▶ norm ─▶ mean over all places ─▶ linear ─▶ linear ─▶ σ
 *
 * Input: `image [batch, 3, height, width] float32` in -1..1. Output: `score [batch, 1]` in 0..1.
 */
export function discriminatorGraph(config: DiscriminatorConfig, graph: Graph): Graph {
  const { blockOutChannels, plainBlocks, groups, sampleSize } = config;
  const image = graph.featureMap('image', 3);
  let h: FeatureMap = resizeLinear(graph, image, sampleSize, sampleSize);
  for (const [i, channels] of blockOutChannels.entries()) {
    h = conv2d(graph.at('downsamplers').at(i), h, channels, { stride: 2 });
    if (i < plainBlocks) h = silu(graph, h);
    else h = resnetBlock(graph.at('blocks').at(i - plainBlocks), h, channels, { groups, epsilon });
  }
  const mean = meanOfPixels(graph, silu(graph, groupNorm(graph.at('norm_out'), h, groups, epsilon)));
  const hidden = silu(graph, linear(graph.at('linear_1'), mean, config.hiddenSize));
  const logit: Vector = linear(graph.at('linear_2'), hidden, 1);
  graph.output('score', graph.node('Sigmoid', [logit.name]), ['batch', 1]);
  return graph;
}
