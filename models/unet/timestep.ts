import type { Graph, Vector } from '../graph/graph.ts';
import { linear, silu } from '../graph/layers.ts';

/**
 * The timestep as a vector: sines and cosines of falling frequency (Vaswani et al. 2017, section 3.5), then two linear
 * layers. Timesteps may be fractional.
 *
 * @param timesteps `[batch] float32`
 * @param channels how many sines and cosines
 * @returns `[batch, 4 channels]`
 */
export function timestepEmbedding(
  graph: Graph,
  timesteps: string,
  channels: number,
  { flipSinToCos, frequencyShift }: { readonly flipSinToCos: boolean; readonly frequencyShift: number },
): Vector {
  const frequencies = timestepFrequencies(channels / 2, frequencyShift);
  const column = graph.node('Reshape', [timesteps, graph.integers([-1, 1])]);
  const angles = graph.node('Mul', [column, graph.floats(frequencies, [1, frequencies.length])]);
  const sin = graph.node('Sin', [angles]);
  const cos = graph.node('Cos', [angles]);
  const name = graph.node('Concat', flipSinToCos ? [cos, sin] : [sin, cos], { axis: 1 }); // [batch, channels]
  const hidden = linear(graph.at('linear_1'), { kind: 'vector', channels, name }, 4 * channels);
  return linear(graph.at('linear_2'), silu(graph, hidden), 4 * channels);
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
