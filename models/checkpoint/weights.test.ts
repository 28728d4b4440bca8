import { expect, test } from 'vitest';
import type { TensorEntry } from './safetensors.ts';
import { Weights } from './weights.ts';

const entry = (shape: readonly number[]): TensorEntry => ({ dtype: 'F32', shape, begin: 8, end: 16 });

test("finds an old autoencoder's attention under its new names", () => {
  const names = ['query.weight', 'key.bias', 'value.weight', 'proj_attn.weight'];
  const weights = new Weights('vae/w.safetensors', new Map(names.map(name => [`mid.${name}`, entry([2])])));
  for (const name of ['to_q.weight', 'to_k.bias', 'to_v.weight', 'to_out.0.weight']) {
    expect(weights.get(`mid.${name}`, [2]).begin).toBe(8);
  }
  expect(weights.has('mid.to_q.bias')).toBe(false);
});

test('finds a text encoder that was saved without its wrapper', () => {
  const weights = new Weights('w', new Map([['final_layer_norm.weight', entry([2])]]));
  expect(weights.has('text_model.final_layer_norm.weight')).toBe(true);
});

test('a scalar is not a vector', () => {
  expect(() => new Weights('w', new Map([['x', entry([])]])).get('x', [1])).toThrow('w: x: expected [1], found []');
});

test('buffers of integers are not counted as parameters', () => {
  const ids: TensorEntry = { dtype: 'I64', shape: [1, 77], begin: 0, end: 616 };
  expect(
    new Weights(
      'w',
      new Map([
        ['position_ids', ids],
        ['x', entry([3, 4])],
      ]),
    ).parameterCount,
  ).toBe(12);
});
