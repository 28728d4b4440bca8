import type { FeatureMap, Graph, Tokens, Vector } from '../graph/graph.ts';
import { conv2d, flattened, groupNorm, linear, resizeLinear, silu, unitVector } from '../graph/layers.ts';
import { resnetBlock } from '../resnet-block.ts';
import type { EmbedderConfig } from './config.ts';

/** PyTorch's default of a norm. */
const epsilon = 1e-5;

/**
 *     latent ─▶ conv ─▶ [ residual ─▶ half size ] × sizes ─▶ norm ─▶ linear ─▶ linear ─▶ unit vector
 *
 * Input: `latent [batch, channels, height/8, width/8] float32`, as the UNet has it. Output: `embedding [batch, size]`.
 */
export function latentTowerGraph(config: EmbedderConfig, graph: Graph): Graph {
  const { blockOutChannels, groups, sampleSize } = config;
  const tower = graph.at('latent');
  const latent = resizeLinear(graph, graph.featureMap('latent', config.latentChannels), sampleSize, sampleSize);
  let h: FeatureMap = conv2d(tower.at('conv_in'), latent, blockOutChannels[0]!);
  for (const [i, channels] of blockOutChannels.entries()) {
    h = resnetBlock(tower.at('blocks').at(i), h, channels, { groups, epsilon });
    const next = blockOutChannels[i + 1];
    if (next !== undefined) h = conv2d(tower.at('downsamplers').at(i), h, next, { stride: 2 });
  }
  h = silu(graph, groupNorm(tower.at('norm_out'), h, groups, epsilon));
  const side = sampleSize / 2 ** (blockOutChannels.length - 1);
  return embedding(tower, config, flattened(graph, h, side, side));
}

/**
 *     hidden states ─▶ for each head: where to look ─▶ what is there ─▶ linear ─▶ linear ─▶ unit vector
 *
 * Input: `hidden [batch, sequence, text width] float32`, the text encoder's last states, normalised as the last layer's
 * are. Output: `embedding [batch, size]`.
 */
export function textTowerGraph(config: EmbedderConfig, graph: Graph): Graph {
  const { textWidth, textHeads, textHeadSize } = config;
  const tower = graph.at('text');
  const hidden = graph.input('hidden', 'FLOAT', ['batch', 'sequence', textWidth]);
  const batchAndSequence = graph.node('Shape', [hidden], { start: 0, end: 2 });
  const flat = graph.node('Reshape', [hidden, graph.integers([-1, textWidth])]);
  const states: Tokens = { kind: 'tokens', channels: textWidth, name: flat };
  const perHead = ({ name }: Tokens, size: number) => {
    const shape = graph.node('Concat', [batchAndSequence, graph.integers([textHeads, size])], { axis: 0 });
    return graph.node('Reshape', [name, shape]); //                                     [batch, sequence, heads, size]
  };
  const scores = perHead(linear(tower.at('score'), states, textHeads), 1);
  const weights = graph.node('Softmax', [graph.node('Transpose', [scores], { perm: [0, 2, 3, 1] })], { axis: -1 });
  const values = perHead(linear(tower.at('value'), states, textHeads * textHeadSize), textHeadSize);
  const looked = graph.node('MatMul', [weights, graph.node('Transpose', [values], { perm: [0, 2, 1, 3] })]);
  const channels = textHeads * textHeadSize;
  const pooled: Vector = {
    kind: 'vector',
    channels,
    name: graph.node('Reshape', [looked, graph.integers([-1, channels])]), //           [batch, heads × size]
  };
  return embedding(tower, config, pooled);
}

function embedding(tower: Graph, { hiddenSize, projectionDim }: EmbedderConfig, x: Vector): Graph {
  const hidden = silu(tower, linear(tower.at('linear_1'), x, hiddenSize));
  const projected = linear(tower.at('linear_2'), hidden, projectionDim);
  tower.output('embedding', unitVector(tower, projected), ['batch', projectionDim]);
  return tower;
}
