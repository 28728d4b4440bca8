import type { FeatureMap, Graph, Vector } from './graph/graph.ts';
import { add, addToPixels, conv2d, groupNorm, linear, silu } from './graph/layers.ts';

/**
 * diffusers' `ResnetBlock2D`, in the UNet with the timestep's embedding, in the autoencoder without.
 * @param x `[batch, in, height, width]`
 * @param options.embedding silu of the timestep's embedding `[batch, width]`
 * @returns `[batch, out, height, width]`
 */
export function resnetBlock(
  graph: Graph,
  x: FeatureMap,
  out: number,
  { groups, epsilon, embedding }: { readonly groups: number; readonly epsilon: number; readonly embedding?: Vector },
): FeatureMap {
  let h = silu(graph, groupNorm(graph.at('norm1'), x, groups, epsilon));
  h = conv2d(graph.at('conv1'), h, out);
  if (embedding) h = addToPixels(graph, h, linear(graph.at('time_emb_proj'), embedding, out));
  h = silu(graph, groupNorm(graph.at('norm2'), h, groups, epsilon));
  h = conv2d(graph.at('conv2'), h, out);
  const shortcut = x.channels === out ? x : conv2d(graph.at('conv_shortcut'), x, out, { kernel: 1 });
  return add(graph, shortcut, h);
}
