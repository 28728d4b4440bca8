import type { FeatureMap, Graph } from '../graph/graph.ts';
import { add, conv2d, gelu, relu, silu, upsampleNearest } from '../graph/layers.ts';
import type { AutoencoderTinyConfig } from './config.ts';

const activations = { relu, silu, gelu } as const;

/** diffusers numbers all layers of a half in one list, also those without weights. */
class Sequence {
  readonly #layers: Graph;
  #next = 0;

  constructor(layers: Graph) {
    this.#layers = layers;
  }

  /** The place of the next layer. */
  next(): Graph {
    return this.#layers.at(this.#next++);
  }
}

/**
 *     image ─▶ conv ─▶ [ residual × blocks ─▶ half size ] × sizes ─▶ conv ─▶ latent
 *
 * Input: `image [batch, 3, height, width] float32` in -1..1. Output: `latent [batch, latent, height/8, width/8]`.
 */
export function tinyEncoderGraph(config: AutoencoderTinyConfig, graph: Graph): Graph {
  const { encoderChannels: channels, latentChannels } = config;
  const layers = new Sequence(graph.at('encoder').at('layers'));
  const image = graph.featureMap('image', config.inChannels);
  let h = scaled(graph, image, 0.5, 0.5); // -1..1 to 0..1
  for (const [i, blocks] of config.encoderBlocks.entries()) {
    h = conv2d(layers.next(), h, channels, i === 0 ? {} : { stride: 2, bias: false });
    for (let j = 0; j < blocks; j++) h = residual(layers.next(), h, config);
  }
  h = conv2d(layers.next(), h, latentChannels);
  graph.output('latent', h, ['batch', latentChannels, 'latent_height', 'latent_width']);
  return graph;
}

/**
 *     latent ─▶ 3 tanh(x / 3) ─▶ conv ─▶ [ residual × blocks ─▶ double size ─▶ conv ] × sizes ─▶ image
 *
 * Input: `latent [batch, latent, height/8, width/8] float32`. Output: `image [batch, 3, height, width]`, about -1..1.
 */
export function tinyDecoderGraph(config: AutoencoderTinyConfig, graph: Graph): Graph {
  const { decoderChannels: channels, decoderBlocks, outChannels } = config;
  const layers = new Sequence(graph.at('decoder').at('layers'));
  const latent = graph.featureMap('latent', config.latentChannels);
  // Outliers are kept from becoming specks.
  const third = graph.node('Tanh', [graph.node('Div', [latent.name, graph.floats([3], [])])]);
  let h: FeatureMap = { ...latent, name: graph.node('Mul', [third, graph.floats([3], [])]) };
  h = conv2d(layers.next(), h, channels);
  layers.next();
  h = activations[config.activation](graph, h);
  for (const [i, blocks] of decoderBlocks.entries()) {
    for (let j = 0; j < blocks; j++) h = residual(layers.next(), h, config);
    if (i === decoderBlocks.length - 1) break;
    layers.next();
    h = conv2d(layers.next(), upsampleNearest(graph, h, config.upsampling), channels, { bias: false });
  }
  const image = scaled(graph, conv2d(layers.next(), h, outChannels), 2, -1); // 0..1 to -1..1
  graph.output('image', image, ['batch', outChannels, 'image_height', 'image_width']);
  return graph;
}

/** diffusers' `AutoencoderTinyBlock`: three convolutions, without norms. */
function residual(graph: Graph, x: FeatureMap, { activation }: AutoencoderTinyConfig): FeatureMap {
  const activate = activations[activation];
  const conv = graph.at('conv');
  let h = activate(graph, conv2d(conv.at(0), x, x.channels));
  h = activate(graph, conv2d(conv.at(2), h, x.channels));
  return relu(graph, add(graph, conv2d(conv.at(4), h, x.channels), x));
}

function scaled(graph: Graph, x: FeatureMap, factor: number, offset: number): FeatureMap {
  const product = graph.node('Mul', [x.name, graph.floats([factor], [])]);
  return { ...x, name: graph.node('Add', [product, graph.floats([offset], [])]) };
}
