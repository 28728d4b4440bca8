import type { Graph, Vector } from '../graph/graph.ts';
import { linear, silu } from '../graph/layers.ts';

/** How numbers are spread over sines and cosines. */
export interface Sinusoids {
  readonly flipSinToCos: boolean;
  readonly frequencyShift: number;
}

/**
 * Numbers as vectors: sines and cosines of falling frequency (Vaswani et al. 2017, section 3.5). Timesteps may be
 * fractional.
 *
 * @param values `float32` of any shape, n in all
 * @param channels how many sines and cosines
 * @returns `[n, channels]`
 */
export function sinusoids(
  graph: Graph,
  values: string,
  channels: number,
  { flipSinToCos, frequencyShift }: Sinusoids,
): Vector {
  const frequencies = timestepFrequencies(channels / 2, frequencyShift);
  const column = graph.node('Reshape', [values, graph.integers([-1, 1])]);
  const angles = graph.node('Mul', [column, graph.floats(frequencies, [1, frequencies.length])]);
  const sin = graph.node('Sin', [angles]);
  const cos = graph.node('Cos', [angles]);
  return { kind: 'vector', channels, name: graph.node('Concat', flipSinToCos ? [cos, sin] : [sin, cos], { axis: 1 }) };
}

/**
 * diffusers' `TimestepEmbedding`: two linear layers.
 * @returns `[batch, out]`
 */
export function vectorEmbedding(graph: Graph, x: Vector, out: number): Vector {
  return linear(graph.at('linear_2'), silu(graph, linear(graph.at('linear_1'), x, out)), out);
}

/**
 * `10000^(-i / (half - shift))`. Each operation is rounded to float32 as PyTorch does: at timestep 999 the last bit of
 * a frequency moves the angle by 6e-5.
 */
function timestepFrequencies(half: number, shift: number): Float32Array {
  const { fround } = Math;
  const logarithm = fround(-Math.log(10000));
  return Float32Array.from({ length: half }, (_, i) => Math.exp(fround(fround(logarithm * i) / fround(half - shift))));
}
