import type { FeatureMap, Graph, Tokens, Vector } from '../graph/graph.ts';
import { add, concatChannels, conv2d, groupNorm, silu, upsampleNearestTo } from '../graph/layers.ts';
import { resnetBlock } from '../resnet-block.ts';
import type { UNetConfig, UNetLevel } from './config.ts';
import { sinusoids, vectorEmbedding } from './timestep.ts';
import { transformer } from './transformer.ts';

/** What every block of the UNet is given beside its pixels. */
interface Surroundings {
  readonly config: UNetConfig;
  /** silu of the timestep's embedding, and of what is added to it. */
  readonly embedding: Vector;
  /** Text embeddings `[batch × sequence, width]`. */
  readonly context: string;
  readonly batch: string;
}

/**
 * The denoising UNet of latent diffusion (Rombach et al. 2022, https://arxiv.org/abs/2112.10752, figure 3), as diffusers'
 * `UNet2DConditionModel`:
 *
 *     sample ─▶ conv ─▶ level 0 ──────── skips ────────▶ level 0 ─▶ norm ─▶ silu ─▶ conv ─▶ out
 *                          ▼ down                          ▲ up
 *                       level 1 ──────── skips ────────▶ level 1
 *                          ▼ down                          ▲ up
 *                          └──────────▶ middle ────────────┘
 *
 * Inputs: `sample [batch, in, height, width]`, `timestep [batch]`, `encoder_hidden_states [batch, sequence, width]`, and
 * with an additional embedding `text_embeds [batch, pooled]` and `time_ids [batch, sizes]`, all float32. Output: `out
 * [batch, out, height, width]`. Height and width need not be multiples of anything.
 */
export function unetGraph(config: UNetConfig, graph: Graph): Graph {
  const { levels, groups, epsilon } = config;
  const finest = levels[0]!;
  const sample = graph.featureMap('sample', config.inChannels);
  const timestep = graph.input('timestep', 'FLOAT', ['batch']);
  const context = graph.input('encoder_hidden_states', 'FLOAT', ['batch', 'sequence', config.contextWidth]);
  const width = 4 * finest.channels;
  let embedding = vectorEmbedding(
    graph.at('time_embedding'),
    sinusoids(graph, timestep, finest.channels, config),
    width,
  );
  if (config.addition) embedding = add(graph, embedding, additionalEmbedding(graph, config, width));
  const surroundings: Surroundings = {
    config,
    embedding: silu(graph, embedding),
    context: graph.node('Reshape', [context, graph.integers([-1, config.contextWidth])]),
    batch: graph.node('Shape', [sample.name], { start: 0, end: 1 }),
  };

  let h = conv2d(graph.at('conv_in'), sample, finest.channels);
  const skips: FeatureMap[] = [h];
  for (const [i, level] of levels.entries()) {
    const added = downBlock(graph.at('down_blocks').at(i), h, level, i === levels.length - 1, surroundings);
    skips.push(...added);
    h = added.at(-1)!;
  }
  h = middleBlock(graph.at('mid_block'), h, levels.at(-1)!, surroundings);
  for (const [i, level] of [...levels].reverse().entries()) {
    const used = skips.splice(-(level.layers + 1)).reverse();
    h = upBlock(graph.at('up_blocks').at(i), h, level, used, skips.at(-1), surroundings);
  }
  h = silu(graph, groupNorm(graph.at('conv_norm_out'), h, groups, epsilon));
  graph.output('out', conv2d(graph.at('conv_out'), h, config.outChannels), [
    'batch',
    config.outChannels,
    'height',
    'width',
  ]);
  return graph;
}

/** SDXL's `text_time`: the pooled text, and every size as a timestep is. */
function additionalEmbedding(graph: Graph, config: UNetConfig, width: number): Vector {
  const { frequencies, inputWidth } = config.addition!;
  const pooled = graph.input('text_embeds', 'FLOAT', ['batch', 'pooled']);
  const ids = graph.input('time_ids', 'FLOAT', ['batch', 'sizes']);
  const batch = graph.node('Shape', [ids], { start: 0, end: 1 });
  const perItem = graph.node('Concat', [batch, graph.integers([-1])], { axis: 0 });
  const sizes = graph.node('Reshape', [sinusoids(graph, ids, frequencies, config).name, perItem]);
  const name = graph.node('Concat', [pooled, sizes], { axis: 1 });
  return vectorEmbedding(graph.at('add_embedding'), { kind: 'vector', channels: inputWidth, name }, width);
}

/** Returns what each of its layers made, and what it made smaller: the last goes on, all are skipped over. */
function downBlock(
  graph: Graph,
  x: FeatureMap,
  level: UNetLevel,
  coarsest: boolean,
  around: Surroundings,
): FeatureMap[] {
  const made: FeatureMap[] = [];
  let h = x;
  for (let i = 0; i < level.layers; i++) {
    h = resnet(graph.at('resnets').at(i), h, level, around);
    if (level.downAttention) h = attend(graph.at('attentions').at(i), h, level, level.downTransformers[i]!, around);
    made.push(h);
  }
  if (coarsest) return made;
  const p = around.config.downsamplePadding;
  // Without padding diffusers adds a row below and a column to the right.
  const padding = p === 0 ? ([0, 0, 1, 1] as const) : ([p, p, p, p] as const);
  made.push(conv2d(graph.at('downsamplers').at(0).at('conv'), h, level.channels, { stride: 2, padding }));
  return made;
}

function middleBlock(graph: Graph, x: FeatureMap, level: UNetLevel, around: Surroundings): FeatureMap {
  const { middle } = around.config;
  if (middle === undefined) return x;
  let h = resnet(graph.at('resnets').at(0), x, level, around);
  if (middle === null) return h;
  h = attend(graph.at('attentions').at(0), h, level, middle, around);
  return resnet(graph.at('resnets').at(1), h, level, around);
}

/**
 * @param skips what the level of the same size made on the way down, the last first
 * @param next the first skip of the finer level, whose size to up-sample to; undefined at the finest
 */
function upBlock(
  graph: Graph,
  x: FeatureMap,
  level: UNetLevel,
  skips: readonly FeatureMap[],
  next: FeatureMap | undefined,
  around: Surroundings,
): FeatureMap {
  let h = x;
  for (const [i, skip] of skips.entries()) {
    h = resnet(graph.at('resnets').at(i), concatChannels(graph, h, skip), level, around);
    if (level.upAttention) h = attend(graph.at('attentions').at(i), h, level, level.upTransformers[i]!, around);
  }
  if (!next) return h;
  return conv2d(graph.at('upsamplers').at(0).at('conv'), upsampleNearestTo(graph, h, next), level.channels);
}

function resnet(graph: Graph, x: FeatureMap, level: UNetLevel, { config, embedding }: Surroundings): FeatureMap {
  return resnetBlock(graph, x, level.channels, { groups: config.groups, epsilon: config.epsilon, embedding });
}

function attend(
  graph: Graph,
  x: FeatureMap,
  level: UNetLevel,
  layers: number,
  { config, context, batch }: Surroundings,
): FeatureMap {
  const text: Tokens = { kind: 'tokens', channels: config.contextWidth, name: context };
  return transformer(graph, x, {
    groups: config.groups,
    heads: level.heads,
    scoresAtOnce: level.scoresAtOnce,
    layers,
    convolution: !config.linearProjection,
    context: text,
    batch,
  });
}
