import { expect, test } from 'vitest';
import { Config } from '../checkpoint/config.ts';
import { autoencoderConfig } from './config.ts';
import { LatentScale } from './latent-scale.ts';

const own = { data: Float32Array.of(3, 5, 1, 0), dims: [1, 2, 1, 2] };
const config = (values: object) =>
  autoencoderConfig(new Config('vae/config.json', { latent_channels: 2, scaling_factor: 0.5, ...values }));
const usual = { latents_mean: [1, 0], latents_std: [2, 4] };

test('latents are multiplied by the factor', () => {
  const scale = new LatentScale(config({}), true);
  expect([...scale.toUNet(own).data]).toEqual([1.5, 2.5, 0.5, 0]);
  expect(scale.toAutoencoder(scale.toUNet(own))).toEqual(own);
});

test('each channel is brought to what is usual, where the pipeline looks at that', () => {
  const scale = new LatentScale(config(usual), true);
  expect([...scale.toUNet(own).data]).toEqual([0.5, 1, 0.125, 0]);
  expect(scale.toAutoencoder(scale.toUNet(own))).toEqual(own);
  expect([...new LatentScale(config(usual), false).toUNet(own).data]).toEqual([1.5, 2.5, 0.5, 0]);
});

test.each([
  [{ latents_mean: [1], latents_std: [1, 2] }, 'latents_mean: expected 2 numbers, found [1]'],
  [{ latents_mean: [1, 2], latents_std: [1, 0] }, 'latents_std: expected 2 numbers above 0, found [1,0]'],
])('refuses %j', (values, message) => {
  expect(() => config(values)).toThrow(message);
});
