import { expect, test } from 'vitest';
import { CheckpointError } from '../checkpoint/error.ts';
import { parseHeader } from '../checkpoint/safetensors.ts';
import { Weights } from '../checkpoint/weights.ts';
import { Graph, type Tokens } from './graph.ts';
import { conv2d, linear } from './layers.ts';

function graphOver(tensors: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>): Graph {
  const json = new TextEncoder().encode(JSON.stringify(tensors));
  const end = Math.max(...Object.values(tensors).map(tensor => tensor.data_offsets[1]));
  return Graph.over('test', new Weights('unet/w.safetensors', parseHeader(json, 8 + json.length + end).tensors));
}

const tokens: Tokens = { name: 'x', kind: 'tokens', channels: 3 };
const fine = {
  'proj.weight': { dtype: 'F32', shape: [4, 3], data_offsets: [0, 48] as [number, number] },
  'proj.bias': { dtype: 'F32', shape: [4], data_offsets: [48, 64] as [number, number] },
};

/** Where an external tensor is said to lie. */
function entry(model: Uint8Array, key: string, value: string | number): boolean {
  const text = String(value);
  const bytes = [0x0a, key.length, ...Buffer.from(key), 0x12, text.length, ...Buffer.from(text)];
  return Buffer.from(model).includes(Buffer.from(bytes));
}

test('weights point into the file of the checkpoint, and only the rows that are used', () => {
  const graph = graphOver(fine);
  expect(linear(graph.at('proj'), tokens, 4, { rows: [1, 3] }).channels).toBe(2);
  const model = graph.encode();
  const dataOffset = 8 + JSON.stringify(fine).length;
  expect(entry(model, 'location', 'w.safetensors')).toBe(true);
  expect(entry(model, 'offset', dataOffset + 12)).toBe(true);
  expect(entry(model, 'length', 24)).toBe(true);
  expect(entry(model, 'offset', dataOffset + 48 + 4)).toBe(true);
  expect(entry(model, 'length', 8)).toBe(true);
});

test('a weight of another shape is an error that names file, key, expected and found', () => {
  const failing = () => linear(graphOver(fine).at('proj'), { ...tokens, channels: 5 }, 4);
  expect(failing).toThrow(CheckpointError);
  expect(failing).toThrow('unet/w.safetensors: proj.weight: expected [4, 5], found [4, 3]');
});

test('a missing weight is an error that names it', () => {
  const map = { name: 'x', kind: 'feature map', channels: 3 } as const;
  expect(() => conv2d(graphOver(fine).at('conv_in'), map, 8)).toThrow(
    'unet/w.safetensors: conv_in.weight: expected a tensor [8, 3, 3, 3], found none',
  );
});

test('integers are no weights', () => {
  const graph = graphOver({ ...fine, 'proj.weight': { dtype: 'I32', shape: [4, 3], data_offsets: [0, 48] } });
  expect(() => linear(graph.at('proj'), tokens, 4)).toThrow('expected F32, F16 or BF16, found I32');
});

test('what is done in a loop is not done for what follows it', () => {
  const graph = graphOver(fine);
  const outside = graph.node('Relu', ['x']);
  const inside: string[] = [];
  graph.loop(
    graph.integers([2], []),
    () => {
      inside.push(graph.node('Relu', ['x']), graph.node('Relu', ['y']));
      return inside[1]!;
    },
    1,
  );
  expect(inside[0]).toBe(outside);
  expect(graph.node('Relu', ['y'])).not.toBe(inside[1]);
});

test('equal work is done once', () => {
  const graph = graphOver(fine);
  expect(graph.node('Relu', ['x'])).toBe(graph.node('Relu', ['x']));
  expect(graph.node('Relu', ['x'])).not.toBe(graph.node('Relu', ['y']));
  expect(graph.floats([1, 2])).toBe(graph.floats([1, 2]));
  expect(graph.floats([1, 2])).not.toBe(graph.floats([1, 2], [2, 1]));
});

test('16 bits are counted as the float32 they become, but for tables of which only rows are looked up', () => {
  const graph = graphOver({
    'proj.weight': { dtype: 'F16', shape: [4, 3], data_offsets: [0, 24] },
    'proj.bias': { dtype: 'F32', shape: [4], data_offsets: [24, 40] },
    'table.weight': { dtype: 'BF16', shape: [100, 3], data_offsets: [40, 640] },
    'never.weight': { dtype: 'F32', shape: [1000], data_offsets: [640, 4640] },
  });
  linear(graph.at('proj'), tokens, 4);
  linear(graph.at('proj'), tokens, 4);
  graph.at('table').rows('weight', [100, 3], 'x');
  expect(graph.weightBytes).toEqual({ held: 48 + 16 + 600, widened: 48 });
});
