import { expect, test } from 'vitest';
import { Config } from '../checkpoint/config.ts';
import { autoencoderTinyConfig } from './config.ts';

const read = (values: object) =>
  autoencoderTinyConfig(new Config('preview_decoder/config.json', values as Record<string, unknown>));

test("by default it is TAESD's", () => {
  expect(read({})).toMatchObject({ latentChannels: 4, decoderBlocks: [3, 3, 3, 1], activation: 'relu', scale: 8 });
});

test.each([
  [{ act_fn: 'mish' }, 'act_fn: expected "relu"'],
  [{ upsample_fn: 'bilinear' }, 'upsample_fn: expected "nearest", found "bilinear"'],
  [{ decoder_block_out_channels: [8, 8] }, 'decoder_block_out_channels: expected 4 numbers, one for each size'],
  [{ encoder_block_out_channels: [8, 8, 8, 4] }, 'encoder_block_out_channels: expected the same number for each size'],
])('refuses %j', (values, message) => {
  expect(() => read(values)).toThrow(message);
});
