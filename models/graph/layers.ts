/**
 * The layers that Stable Diffusion is made of, as ONNX operators. A layer takes the graph at the place of its weights:
 * `conv2d(graph.at('conv_in'), x, 320)` uses `conv_in.weight` and `conv_in.bias`. All throw CheckpointError when a
 * weight is missing or has another shape.
 */
import type { FeatureMap, Graph, Kind, Tokens, Value, Vector } from './graph.ts';

/**
 * `x Wᵀ + b` over the channels.
 * @param x tokens `[n, in]` or a vector `[batch, in]`
 * @param rows only these of the layer's outputs, `[first, last)`
 * @returns the same kind with `out` channels, or as many as there are rows
 */
export function linear<K extends 'tokens' | 'vector'>(
  graph: Graph,
  x: Value<K>,
  out: number,
  options: {
    readonly bias?: boolean;
    readonly rows?: readonly [number, number];
    /** What the weight is in the checkpoint: a 1×1 convolution is a linear layer over tokens. */
    readonly convolution?: boolean;
  } = {},
): Value<K> {
  const { bias = true, rows, convolution = false } = options;
  const weight = convolution
    ? graph.weight('weight', [out, x.channels, 1, 1], { dims: [out, x.channels] })
    : graph.weight('weight', [out, x.channels], rows ? { rows } : {});
  const inputs = [x.name, weight];
  if (bias) inputs.push(graph.weight('bias', [out], rows ? { rows } : {}));
  const channels = rows ? rows[1] - rows[0] : out;
  return { ...x, name: graph.node('Gemm', inputs, { transB: 1 }), channels };
}

/** A 2D convolution. Padding is `[top, left, bottom, right]`; the default keeps the size at stride 1. */
export function conv2d(
  graph: Graph,
  x: FeatureMap,
  out: number,
  options: {
    readonly kernel?: number;
    readonly stride?: number;
    readonly padding?: readonly [number, number, number, number];
    readonly bias?: boolean;
  } = {},
): FeatureMap {
  const { kernel = 3, stride = 1, bias = true } = options;
  const border = (kernel - 1) / 2;
  const { padding = [border, border, border, border] } = options;
  const weight = graph.weight('weight', [out, x.channels, kernel, kernel]);
  const name = graph.node('Conv', [x.name, weight, ...(bias ? [graph.weight('bias', [out])] : [])], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: padding,
  });
  return { ...x, name, channels: out };
}

/**
 * Group normalisation (Wu and He 2018, https://arxiv.org/abs/1803.08494): an InstanceNormalization over groups, because
 * every execution provider has that operator, then scale and shift by channel.
 */
export function groupNorm(graph: Graph, x: FeatureMap, groups: number, epsilon: number): FeatureMap {
  const { channels } = x;
  const grouped = graph.node('Reshape', [x.name, graph.integers([0, groups, -1])]);
  const ones = graph.floats(new Float32Array(groups).fill(1));
  const zeros = graph.floats(new Float32Array(groups));
  const normalised = graph.node('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: epsilon } });
  const restored = graph.node('Reshape', [normalised, graph.node('Shape', [x.name])]);
  const scaled = graph.node('Mul', [restored, graph.weight('weight', [channels], { dims: [channels, 1, 1] })]);
  const name = graph.node('Add', [scaled, graph.weight('bias', [channels], { dims: [channels, 1, 1] })]);
  return { ...x, name };
}

/** Layer normalisation over the channels (Ba et al. 2016, https://arxiv.org/abs/1607.06450). */
export function layerNorm(graph: Graph, x: Tokens, epsilon: number): Tokens {
  const inputs = [x.name, graph.weight('weight', [x.channels]), graph.weight('bias', [x.channels])];
  return { ...x, name: graph.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }) };
}

/** Element-wise sum of two values of one shape. */
export function add<K extends Kind>(graph: Graph, a: Value<K>, b: Value<K>): Value<K> {
  return { ...a, name: graph.node('Add', [a.name, b.name]) };
}

/** Adds a vector `[batch, channels]` to every pixel of `[batch, channels, height, width]`. */
export function addToPixels(graph: Graph, x: FeatureMap, vector: Value<'vector'>): FeatureMap {
  const column = graph.node('Reshape', [vector.name, graph.integers([0, x.channels, 1, 1])]);
  return { ...x, name: graph.node('Add', [x.name, column]) };
}

/** `x σ(x)` */
export function silu<K extends Kind>(graph: Graph, x: Value<K>): Value<K> {
  return { ...x, name: graph.node('Mul', [x.name, graph.node('Sigmoid', [x.name])]) };
}

/** `max(0, x)` */
export function relu<K extends Kind>(graph: Graph, x: Value<K>): Value<K> {
  return { ...x, name: graph.node('Relu', [x.name]) };
}

/** `x Φ(x)`, with the error function and not its tanh approximation (Hendrycks and Gimpel 2016). */
export function gelu<K extends Kind>(graph: Graph, x: Value<K>): Value<K> {
  return { ...x, name: graph.node('Gelu', [x.name]) };
}

/** `x σ(1.702 x)`, what OpenAI's CLIP was trained with. */
export function quickGelu<K extends Kind>(graph: Graph, x: Value<K>): Value<K> {
  const scaled = graph.node('Mul', [x.name, graph.floats([1.702], [])]);
  return { ...x, name: graph.node('Mul', [x.name, graph.node('Sigmoid', [scaled])]) };
}

/**
 * `hidden · gelu(gate)`, both halves of one linear layer (Shazeer 2020, https://arxiv.org/abs/2002.05202). The halves
 * are rows of the weight, so each is a Gemm of its own and nothing needs to be split afterwards.
 */
export function geglu(graph: Graph, x: Tokens, inner: number): Tokens {
  const hidden = linear(graph, x, 2 * inner, { rows: [0, inner] });
  const gate = gelu(graph, linear(graph, x, 2 * inner, { rows: [inner, 2 * inner] }));
  return { ...hidden, name: graph.node('Mul', [hidden.name, gate.name]) };
}

/** Every pixel `factor` times in each direction: `[batch, channels, factor × height, factor × width]`. */
export function upsampleNearest(graph: Graph, x: FeatureMap, factor = 2): FeatureMap {
  return { ...x, name: resize(graph, [x.name, '', graph.floats([1, 1, factor, factor])]) };
}

/** Up-samples to the height and width of `like`: not twice its own where down-sampling had to round up. */
export function upsampleNearestTo(graph: Graph, x: FeatureMap, like: FeatureMap): FeatureMap {
  const outer = graph.node('Shape', [x.name], { start: 0, end: 2 });
  const size = graph.node('Shape', [like.name], { start: 2, end: 4 });
  return { ...x, name: resize(graph, [x.name, '', '', graph.node('Concat', [outer, size], { axis: 0 })]) };
}

/** Bilinear, as PyTorch's `interpolate` without `align_corners`: `[batch, channels, height, width]`. */
export function resizeLinear(graph: Graph, x: FeatureMap, height: number, width: number): FeatureMap {
  const outer = graph.node('Shape', [x.name], { start: 0, end: 2 });
  const size = graph.node('Concat', [outer, graph.integers([height, width])], { axis: 0 });
  const name = graph.node('Resize', [x.name, '', '', size], {
    mode: 'linear',
    coordinate_transformation_mode: 'half_pixel',
  });
  return { ...x, name };
}

function resize(graph: Graph, inputs: readonly string[]): string {
  return graph.node('Resize', inputs, {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

/** `[batch, a.channels + b.channels, height, width]` */
export function concatChannels(graph: Graph, a: FeatureMap, b: FeatureMap): FeatureMap {
  return { ...a, name: graph.node('Concat', [a.name, b.name], { axis: 1 }), channels: a.channels + b.channels };
}

/** Pixels as tokens, row by row: `[batch × height × width, channels]`. */
export function pixelsToTokens(graph: Graph, x: FeatureMap): Tokens {
  const last = graph.node('Transpose', [x.name], { perm: [0, 2, 3, 1] });
  return { ...x, kind: 'tokens', name: graph.node('Reshape', [last, graph.integers([-1, x.channels])]) };
}

/** Tokens as pixels again, of the batch and size of `like`, which has as many channels. */
export function tokensToPixels(graph: Graph, x: Tokens, like: FeatureMap): FeatureMap {
  const shape = graph.node('Gather', [graph.node('Shape', [like.name]), graph.integers([0, 2, 3, 1])]);
  const last = graph.node('Reshape', [x.name, shape]);
  return { ...like, name: graph.node('Transpose', [last], { perm: [0, 3, 1, 2] }) };
}

/** Everything of a feature map of a known size in one row, channel by channel: `[batch, channels × height × width]`. */
export function flattened(graph: Graph, x: FeatureMap, height: number, width: number): Vector {
  const channels = x.channels * height * width;
  return { kind: 'vector', channels, name: graph.node('Reshape', [x.name, graph.integers([-1, channels])]) };
}

/** The mean over all pixels: `[batch, channels]`. */
export function meanOfPixels(graph: Graph, x: FeatureMap): Vector {
  const name = graph.node('ReduceMean', [x.name, graph.integers([2, 3])], { keepdims: 0 });
  return { ...x, kind: 'vector', name };
}

/** `x / max(|x|, 1e-12)`, as PyTorch's `normalize`. */
export function unitVector(graph: Graph, x: Vector): Vector {
  const length = graph.node('ReduceL2', [x.name, graph.integers([1])], { keepdims: 1 });
  const divisor = graph.node('Max', [length, graph.floats([1e-12], [])]);
  return { ...x, name: graph.node('Div', [x.name, divisor]) };
}
