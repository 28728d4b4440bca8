import { expect, test } from 'vitest';
import { Config } from '../checkpoint/config.ts';
import { CheckpointError } from '../checkpoint/error.ts';
import { transformerLayers } from './transformer-layers.ts';

const read = (values: object, layers = [2, 1]) =>
  transformerLayers(new Config('unet/config.json', values as Record<string, unknown>), layers);

test.each<[object, object]>([
  [
    {},
    {
      down: [[1, 1], [1]],
      up: [
        [1, 1, 1],
        [1, 1],
      ],
      middle: 1,
    },
  ],
  [
    { transformer_layers_per_block: [0, 10] },
    {
      down: [[0, 0], [10]],
      up: [
        [0, 0, 0],
        [10, 10],
      ],
      middle: 10,
    },
  ],
  [
    {
      transformer_layers_per_block: [[2, 1], [4]],
      reverse_transformer_layers_per_block: [[3, 5], 1],
    },
    {
      down: [[2, 1], [4]],
      up: [
        [1, 1, 1],
        [3, 5],
      ],
      middle: 4,
    },
  ],
])('reads %j', (values, expected) => {
  expect(read(values)).toEqual(expected);
});

test.each<[object, string]>([
  [{ transformer_layers_per_block: [1] }, 'transformer_layers_per_block: expected for each of 2 levels'],
  [{ transformer_layers_per_block: 'many' }, 'found ["many","many"]'],
  [{ transformer_layers_per_block: [1, -1] }, 'found [1,-1]'],
  // The way up has one layer more, and nobody says how deep its transformer is.
  [{ transformer_layers_per_block: [[1, 2], 1] }, 'reverse_transformer_layers_per_block: expected'],
])('refuses %j', (values, message) => {
  expect(() => read(values)).toThrow(CheckpointError);
  expect(() => read(values)).toThrow(message);
});
