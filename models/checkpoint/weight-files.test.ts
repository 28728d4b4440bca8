import { describe, expect, test } from 'vitest';
import { CheckpointError } from './error.ts';
import { findWeights } from './weight-files.ts';

const find = (...names: string[]) => findWeights(new Set(names.map(name => `unet/${name}`)), 'unet', 'model');

test.each([
  ['the plain file', ['model.fp16.safetensors', 'model.safetensors'], 'model.safetensors'],
  ['an index', ['model-00001-of-00002.safetensors', 'model.safetensors.index.json'], 'model.safetensors.index.json'],
  ['a variant', ['model.fp16.safetensors', 'model.bin'], 'model.fp16.safetensors'],
  ['16 bits with more range last', ['model.bf16.safetensors', 'model.fp16.safetensors'], 'model.fp16.safetensors'],
  ['an unknown variant alone', ['model.ema.safetensors', 'config.json'], 'model.ema.safetensors'],
  [
    'the index of a variant',
    ['model.fp16-00001-of-00002.safetensors', 'model.fp16.safetensors.index.json'],
    'model.fp16.safetensors.index.json',
  ],
  [
    'the index of a variant, as diffusers named it before',
    ['model.fp16-00001-of-00002.safetensors', 'model.safetensors.index.fp16.json'],
    'model.safetensors.index.fp16.json',
  ],
])('takes %s', (_, names, expected) => {
  expect(find(...names)).toBe(`unet/${expected}`);
});

describe('refuses', () => {
  test.each<[string, string[], string]>([
    ['nothing', [], 'unet/model.safetensors: expected a file, found none'],
    ['another folder’s file', ['deeper/model.safetensors'], 'expected a file, found none'],
    ['a pickle, by its name', ['config.json', 'model.bin'], 'expected a file, found model.bin, which can run code'],
    ['variants of which either could be meant', ['model.b.safetensors', 'model.a.safetensors'], 'found variants a, b'],
  ])('%s', (_, names, message) => {
    expect(() => find(...names)).toThrow(CheckpointError);
    expect(() => find(...names)).toThrow(message);
  });
});
