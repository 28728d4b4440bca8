import { expect, test } from 'vitest';
import { encodeModel } from './onnx.ts';

test('a model is the bytes of a ModelProto', () => {
  const model = encodeModel({
    name: 'g',
    nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'], attributes: {} }],
    inputs: [{ name: 'x', type: 'FLOAT', dims: ['n', 2] }],
    outputs: [{ name: 'y', type: 'FLOAT', dims: ['n', 2] }],
    constants: [],
    externals: [],
  });
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const port = (name: string) => {
    const shape = [0x0a, 3, 0x12, ...text('n'), 0x0a, 2, 0x08, 2];
    const tensor = [0x08, 1, 0x12, shape.length, ...shape];
    const type = [0x0a, tensor.length, ...tensor];
    const value = [0x0a, ...text(name), 0x12, type.length, ...type];
    return [value.length, ...value];
  };
  const node = [0x0a, ...text('x'), 0x12, ...text('y'), 0x1a, ...text('Neg y'), 0x22, ...text('Neg')];
  const graph = [0x0a, node.length, ...node, 0x12, ...text('g'), 0x5a, ...port('x'), 0x62, ...port('y')];
  expect([...model]).toEqual([
    ...[0x08, 10],
    ...[0x12, ...text('darkroom')],
    ...[0x3a, graph.length, ...graph],
    ...[0x42, 4, 0x0a, 0, 0x10, 21],
  ]);
});

test('an external tensor says where its bytes lie, and holds none', () => {
  const model = Buffer.from(
    encodeModel({
      name: 'g',
      nodes: [],
      inputs: [],
      outputs: [],
      constants: [],
      externals: [
        { name: 'w', type: 'FLOAT16', dims: [2, 3], location: 'model.safetensors', offset: 1234, length: 12 },
      ],
    }),
  );
  const entry = (key: string, value: string) =>
    Buffer.from([
      0x6a,
      4 + key.length + value.length,
      0x0a,
      key.length,
      ...Buffer.from(key),
      0x12,
      value.length,
    ]).toString('latin1') + value;
  const text = model.toString('latin1');
  expect(text).toContain('\x08\x02\x08\x03\x10\x0a\x42\x01w');
  for (const [key, value] of [
    ['location', 'model.safetensors'],
    ['offset', '1234'],
    ['length', '12'],
  ] as const) {
    expect(text).toContain(entry(key, value));
  }
  expect(text).toContain('\x70\x01');
});
