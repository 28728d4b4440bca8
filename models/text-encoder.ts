/**
 * CLIP's text encoder (Radford et al. 2021, https://arxiv.org/abs/2103.00020), as transformers' `CLIPTextModel`:
 *
 *     ids ─▶ token + position ─▶ [ norm ─▶ causal attention ─▶ + ─▶ norm ─▶ MLP ─▶ + ] × layers ─▶ norm ─▶ embeddings
 */
import type { Config } from './checkpoint/config.ts';
import type { Component } from './checkpoint/folder.ts';
import { attention } from './graph/attention.ts';
import { Graph, type Tokens } from './graph/graph.ts';
import { add, gelu, layerNorm, linear, quickGelu } from './graph/layers.ts';
import type { FloatTensor, Runtime } from './runtime.ts';
import { Stage } from './stage.ts';

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
}

/** Reads a `CLIPTextModel` config. @throws CheckpointError */
export function textEncoderConfig(config: Config): TextEncoderConfig {
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
  };
}

export interface TextEncoding {
  /** `[batch, sequence, width] float32`: what the UNet attends to. */
  readonly promptEmbeds: FloatTensor;
  /** `[batch, width] float32`: the last layer where the text ends. Clip skip does not change it. */
  readonly pooled: FloatTensor;
}

export class TextEncoder {
  readonly config: TextEncoderConfig;
  readonly #stage: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, config, weights }: Component, runtime: Runtime) {
    this.config = textEncoderConfig(config);
    const build = () => textEncoderGraph(this.config, Graph.over(name, weights)).encode();
    this.#stage = new Stage('text encoder', name, runtime, build);
  }

  /**
   * @param ids token ids, one list for each prompt, all of one length
   * @param clipSkip how many of the last layers to leave out, as diffusers counts: null and 0 leave out none
   * @throws RangeError when the ids or `clipSkip` are not such
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async encode(ids: readonly (readonly number[])[], clipSkip: number | null = null): Promise<TextEncoding> {
    const { vocabSize, maxPositions, layers } = this.config;
    const length = ids[0]?.length ?? 0;
    if (length < 1 || length > maxPositions || ids.some(list => list.length !== length)) {
      throw new RangeError(`expected lists of 1 to ${maxPositions} token ids, all of one length`);
    }
    const flat = ids.flat();
    const bad = flat.find(id => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (bad !== undefined) throw new RangeError(`token id ${bad}: expected 0 to ${vocabSize - 1}`);
    const skip = clipSkip ?? 0;
    if (!Number.isInteger(skip) || skip < 0 || skip > layers) {
      throw new RangeError(`clip skip ${skip}: expected 0 to ${layers}`);
    }
    const outputs = await this.#stage.run({
      input_ids: { data: Int32Array.from(flat), dims: [ids.length, length] },
      layer: { data: BigInt64Array.of(BigInt(layers - skip)), dims: [] },
    });
    return { promptEmbeds: outputs.prompt_embeds!, pooled: outputs.pooled! };
  }

  load(): Promise<void> {
    return this.#stage.load();
  }

  release(): Promise<void> {
    return this.#stage.release();
  }
}

/**
 * Inputs: `input_ids [batch, sequence] int32`, `layer int64` (whose hidden states to return: 0 the embeddings, `layers`
 * the last). Outputs: `prompt_embeds [batch, sequence, width]`, `pooled [batch, width]`.
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
  graph.output('prompt_embeds', normalised(chosen), ['batch', 'sequence', width]);
  graph.output('pooled', pool(graph, normalised(states[layers]!), ids, config.eosTokenId), ['batch', width]);
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
