import { attention } from '../graph/attention.ts';
import type { Graph, Tokens, Vector } from '../graph/graph.ts';
import { add, gelu, layerNorm, linear, quickGelu } from '../graph/layers.ts';
import type { TextEncoderConfig } from './config.ts';

/**
 * CLIP's text encoder (Radford et al. 2021, https://arxiv.org/abs/2103.00020), as transformers' `CLIPTextModel` and
 * `CLIPTextModelWithProjection`:
 *
 *     ids ─▶ token + position ─▶ [ norm ─▶ causal attention ─▶ + ─▶ norm ─▶ MLP ─▶ + ] × layers ─▶ norm ─▶ embeddings
 *
 * Inputs: `input_ids [batch, sequence] int32`, `layer int64` (whose hidden states to return: 0 the embeddings, `layers`
 * the last). Outputs: `hidden_states [batch, sequence, width]` of that layer, `prompt_embeds` the same normalised,
 * `pooled [batch, pooled width]`.
 */
export function textEncoderGraph(config: TextEncoderConfig, graph: Graph): Graph {
  const { width, layers, epsilon } = config;
  const ids = graph.input('input_ids', 'INT32', ['batch', 'sequence']);
  const layer = graph.input('layer', 'INT64', []);
  const batch = graph.node('Shape', [ids], { start: 0, end: 1 });
  const sequence = graph.node('Shape', [ids], { start: 1, end: 2 });
  const model = graph.at('text_model');

  const mask = causalMask(graph, config.maxPositions, sequence);
  const states: Tokens[] = [embed(model.at('embeddings'), config, ids, sequence)];
  for (let i = 0; i < layers; i++) {
    states.push(encoderLayer(model.at('encoder').at('layers').at(i), config, states[i]!, batch, mask));
  }
  const stacked = graph.node(
    'Concat',
    states.map(state => graph.node('Unsqueeze', [state.name, graph.integers([0])])),
    {
      axis: 0,
    },
  );
  const chosen = { ...states[0]!, name: graph.node('Gather', [stacked, layer], { axis: 0 }) };

  const shape = graph.node('Concat', [batch, sequence, graph.integers([width])], { axis: 0 });
  const normalised = (x: Tokens) =>
    graph.node('Reshape', [layerNorm(model.at('final_layer_norm'), x, epsilon).name, shape]);
  graph.output('hidden_states', graph.node('Reshape', [chosen.name, shape]), ['batch', 'sequence', width]);
  graph.output('prompt_embeds', normalised(chosen), ['batch', 'sequence', width]);
  let pooled: Vector = {
    kind: 'vector',
    channels: width,
    name: pool(graph, normalised(states[layers]!), ids, config.eosTokenId),
  };
  if (config.projection) pooled = linear(graph.at('text_projection'), pooled, config.pooledWidth, { bias: false });
  graph.output('pooled', pooled, ['batch', config.pooledWidth]);
  return graph;
}

/** Token embeddings plus position embeddings, `[batch × sequence, width]`. */
function embed(
  graph: Graph,
  { vocabSize, maxPositions, width }: TextEncoderConfig,
  ids: string,
  sequence: string,
): Tokens {
  const flat = graph.node('Reshape', [ids, graph.integers([-1])]);
  const tokens = graph.at('token_embedding').rows('weight', [vocabSize, width], flat);
  const table = graph.at('position_embedding').weight('weight', [maxPositions, width]);
  const positions = graph.node('Slice', [table, graph.integers([0]), sequence]); //   [sequence, width]
  const perPrompt = graph.node('Concat', [graph.integers([-1]), sequence, graph.integers([width])], { axis: 0 });
  const sum = graph.node('Add', [graph.node('Reshape', [tokens, perPrompt]), positions]);
  return { kind: 'tokens', channels: width, name: graph.node('Reshape', [sum, graph.integers([-1, width])]) };
}

/** What is added to the scores so that no token sees a later one: `[sequence, sequence]`, 0 or the least float32. */
function causalMask(graph: Graph, maxPositions: number, sequence: string): string {
  const mask = new Float32Array(maxPositions * maxPositions);
  for (let query = 0; query < maxPositions; query++) {
    mask.fill(-3.4028234663852886e38, query * maxPositions + query + 1, (query + 1) * maxPositions);
  }
  const ends = graph.node('Concat', [sequence, sequence], { axis: 0 });
  return graph.node('Slice', [graph.floats(mask, [maxPositions, maxPositions]), graph.integers([0, 0]), ends]);
}

/** Pre-norm: `x + attention(norm(x))`, then `x + mlp(norm(x))`. */
function encoderLayer(graph: Graph, config: TextEncoderConfig, x: Tokens, batch: string, mask: string): Tokens {
  const { width, inner, heads, epsilon } = config;
  const activation = config.activation === 'gelu' ? gelu : quickGelu;
  const self = graph.at('self_attn');
  let h = layerNorm(graph.at('layer_norm1'), x, epsilon);
  const query = linear(self.at('q_proj'), h, width);
  const key = linear(self.at('k_proj'), h, width);
  const value = linear(self.at('v_proj'), h, width);
  h = linear(self.at('out_proj'), attention(graph, { query, key, value, heads, batch, mask }), width);
  const attended = add(graph, x, h);

  h = layerNorm(graph.at('layer_norm2'), attended, epsilon);
  h = activation(graph, linear(graph.at('mlp').at('fc1'), h, inner));
  h = linear(graph.at('mlp').at('fc2'), h, width);
  return add(graph, attended, h);
}

/**
 * The hidden state where the text ends. Configs saved with `eos_token_id: 2` are wrong about their vocabulary, and
 * transformers keeps to what such checkpoints were trained with: the first position of the highest id.
 */
function pool(graph: Graph, hidden: string, ids: string, eosTokenId: number): string {
  let scores = ids;
  if (eosTokenId !== 2) {
    const eos = graph.node('Cast', [graph.integers([eosTokenId])], { to: 6 });
    scores = graph.node('Cast', [graph.node('Equal', [ids, eos])], { to: 6 });
  }
  const end = graph.node('ArgMax', [scores], { axis: 1, keepdims: 1 }); //            [batch, 1]
  return graph.node('GatherND', [hidden, end], { batch_dims: 1 }); //                  [batch, width]
}
