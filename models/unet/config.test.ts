import { expect, test } from 'vitest';
import { tinyConfigs } from '../../test/models/tiny-checkpoint.ts';
import { Config } from '../checkpoint/config.ts';
import { unetConfig } from './config.ts';

const read = (change: object) => unetConfig(new Config('unet/config.json', { ...tinyConfigs.unet, ...change }));

const plain = {
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  attention_head_dim: [2, 3],
};

test('heads need to divide the channels of levels that attend, and of no others', () => {
  expect(read({ attention_head_dim: [3, 2] }).levels.map(({ heads }) => heads)).toEqual([3, 2]);
  expect(() => read({ attention_head_dim: [2, 3] })).toThrow('attention_head_dim: expected a divisor of 8, found 3');
});

test('the middle attends with the heads of the coarsest level', () => {
  expect(() => read(plain)).toThrow('attention_head_dim: expected a divisor of 8, found 3');
  for (const mid_block_type of ['UNetMidBlock2D', null]) {
    expect(read({ ...plain, mid_block_type }).levels[1]!.heads).toBe(3);
  }
});

test('what is said of each level may be the same for all', () => {
  expect(read({ cross_attention_dim: [8, 8], only_cross_attention: [false, false] }).contextWidth).toBe(8);
  expect(() => read({ cross_attention_dim: [8, 16] })).toThrow('cross_attention_dim: expected the same number');
  expect(() => read({ only_cross_attention: [false, true] })).toThrow('only_cross_attention: expected false');
});

test('a size that the config leaves open is diffusers’ own', () => {
  expect(read({ sample_size: null }).sampleSize).toEqual([64, 64]);
  expect(read({ sample_size: [8, 12] }).sampleSize).toEqual([8, 12]);
});
