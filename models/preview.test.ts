import { describe, expect, it } from 'vitest';
import { type Folder, inMemory, tinyFolder } from '../test/models/tiny-checkpoint.ts';
import { checkpointDigest } from './checkpoint/digest.ts';
import { CheckpointError } from './checkpoint/error.ts';
import { openCheckpoint } from './checkpoint/folder.ts';
import { writeSafetensors } from './checkpoint/safetensors.ts';
import { TorchGenerator } from './noise.ts';
import { StableDiffusionPipeline } from './pipeline.ts';
import type { PreviewConfig } from './preview/config.ts';
import { LinearPreview } from './preview.ts';
import type { Tensor } from './runtime.ts';

const generator = new TorchGenerator(4);
const ownConfig = { _class_name: 'LinearPreview', latent_channels: 3, kernel_size: 3, pixels_per_cell: 2 };
const ownWeights = { weight: generator.randn([12, 3, 3, 3]), bias: generator.randn([12]) };
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The tiny checkpoint with a preview. */
function withPreview(config: object = ownConfig, weights: Readonly<Record<string, Tensor>> = ownWeights): Folder {
  return tinyFolder()
    .set('preview/config.json', json(config))
    .set('preview/model.safetensors', writeSafetensors(weights));
}

const noRuntime = { createSession: () => Promise.reject(new Error('a preview needs no session')) };
const open = (folder: Folder) => StableDiffusionPipeline.load(inMemory(folder), noRuntime);

/** A preview of one channel whose every byte is a multiple of what is in the middle, above or left of it. */
function simple({ kernelSize, pixelsPerCell }: Omit<PreviewConfig, 'latentChannels'>, taps: readonly number[]) {
  const rows = pixelsPerCell ** 2 * 3;
  const weight = new Float32Array(rows * kernelSize ** 2);
  for (let row = 0; row < rows; row++) weight.set(taps, row * kernelSize ** 2);
  const bias = Float32Array.from({ length: rows }, (_, row) => row);
  return new LinearPreview({ latentChannels: 1, kernelSize, pixelsPerCell }, weight, bias);
}

describe('LinearPreview', () => {
  it('makes of every cell a block of pixels, in its place', () => {
    const latent = { data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [1, 1, 2, 3] };
    const { data, dims } = simple({ kernelSize: 1, pixelsPerCell: 2 }, [20]).picture(latent);
    expect(dims).toEqual([1, 4, 6, 3]);
    const pixel = (y: number, x: number) => [...data.subarray((y * 6 + x) * 3, (y * 6 + x) * 3 + 3)];
    expect([pixel(0, 0), pixel(0, 1)]).toEqual([
      [20, 21, 22],
      [23, 24, 25],
    ]);
    expect(pixel(1, 0)).toEqual([26, 27, 28]);
    expect(pixel(3, 5)).toEqual([129, 130, 131]);
  });

  it('reads what is around a cell, and beyond the border the edge', () => {
    const latent = { data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [1, 1, 2, 3] };
    const seen = (taps: readonly number[]) => {
      const { data } = simple({ kernelSize: 3, pixelsPerCell: 1 }, taps).picture(latent);
      return [...data].filter((_, i) => i % 3 === 0);
    };
    expect(seen([0, 0, 0, 0, 1, 0, 0, 0, 0])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen([0, 1, 0, 0, 0, 0, 0, 0, 0])).toEqual([1, 2, 3, 1, 2, 3]);
    expect(seen([0, 0, 0, 1, 0, 0, 0, 0, 0])).toEqual([1, 1, 2, 4, 4, 5]);
    expect(seen([0, 0, 0, 0, 0, 0, 0, 0, 1])).toEqual([5, 6, 6, 5, 6, 6]);
  });

  it('rounds as other pictures are, keeps within a byte, and shows what is no number black', () => {
    const latent = {
      data: Float32Array.of(0.5, 1.5, -7, 300, Number.NaN, Number.POSITIVE_INFINITY),
      dims: [1, 1, 1, 6],
    };
    const { data } = simple({ kernelSize: 1, pixelsPerCell: 1 }, [1]).picture(latent);
    expect([...data].filter((_, i) => i % 3 === 0)).toEqual([0, 2, 0, 255, 0, 255]);
  });

  it('makes of each latent of a batch what it makes of it alone', async () => {
    const { preview } = await open(withPreview());
    const latent = generator.randn([2, 3, 4, 5]);
    const both = preview!.picture({ data: latent.data.map(value => 60 * value), dims: latent.dims });
    expect(both.dims).toEqual([2, 8, 10, 3]);
    const half = latent.data.length / 2;
    const second = preview!.picture({ data: latent.data.subarray(half).map(value => 60 * value), dims: [1, 3, 4, 5] });
    expect(both.data.subarray(both.data.length / 2)).toEqual(second.data);
    expect(new Set(both.data).size).toBeGreaterThan(50);
  });

  it.each([
    [[3, 4, 4], 48],
    [[1, 4, 4, 4], 64],
    [[0, 3, 4, 4], 0],
    [[1, 3, 4, 4], 47],
  ])('refuses a latent [%s] of %d numbers', async (dims, length) => {
    const { preview } = await open(withPreview());
    expect(() => preview!.picture({ data: new Float32Array(length), dims })).toThrow('expected [images, 3, height');
  });
});

describe('a preview in a checkpoint', () => {
  it('is there where there is a folder for it', async () => {
    const latent = { data: new Float32Array(48), dims: [1, 3, 4, 4] };
    const without = await open(tinyFolder());
    expect([without.preview, without.previewOf(latent)]).toEqual([null, null]);
    const pipeline = await open(withPreview());
    expect(pipeline.previewOf(latent)).toEqual(pipeline.preview!.picture(latent));
    expect(pipeline.previewOf(latent)!.dims).toEqual([1, 8, 8, 3]);
  });

  it('counts in the digest', async () => {
    const digest = async (folder: Folder) => checkpointDigest(await openCheckpoint(inMemory(folder)));
    const { weight, bias } = ownWeights;
    const other = { weight, bias: { ...bias, data: bias.data.map(value => value + 1) } };
    const digests = await Promise.all([
      digest(tinyFolder()),
      digest(withPreview()),
      digest(withPreview(ownConfig, other)),
      digest(withPreview({ ...ownConfig, image_encoder: 'another' })),
    ]);
    expect(new Set(digests).size).toBe(4);
  });

  const nan = { ...ownWeights, bias: { data: new Float32Array(12).fill(Number.NaN), dims: [12] } };
  const integers = { ...ownWeights, bias: { data: new Int32Array(12), dims: [12] } };
  const wide = { weight: generator.randn([12, 4, 3, 3]), bias: ownWeights.bias };
  it.each<[string, Folder, string]>([
    ['of another class', withPreview({ ...ownConfig, _class_name: 'Other' }), '_class_name: expected "LinearPreview"'],
    ['of no channels', withPreview({ ...ownConfig, latent_channels: undefined }), 'latent_channels: expected a whole'],
    ['of too many channels', withPreview({ ...ownConfig, latent_channels: 1e9 }), 'latent_channels: expected at most'],
    [
      'of an even kernel',
      withPreview({ ...ownConfig, kernel_size: 2 }),
      'kernel_size: expected an odd number from 1 to',
    ],
    ['of a large kernel', withPreview({ ...ownConfig, kernel_size: 1e7 + 1 }), 'kernel_size: expected an odd number'],
    ['of many pixels', withPreview({ ...ownConfig, pixels_per_cell: 1e6 }), 'pixels_per_cell: expected at most 8'],
    ['of no pixels', withPreview({ ...ownConfig, pixels_per_cell: 0 }), 'pixels_per_cell: expected a whole number'],
    [
      'without a bias',
      withPreview(ownConfig, { weight: ownWeights.weight }),
      'bias: expected a tensor [12], found none',
    ],
    [
      'of other pixels',
      withPreview({ ...ownConfig, pixels_per_cell: 1 }),
      'weight: expected [3, 3, 3, 3], found [12, 3',
    ],
    ['of integers', withPreview(ownConfig, integers), 'bias: expected F32, F16 or BF16, found I32'],
    ['that is not a number', withPreview(ownConfig, nan), 'bias: expected finite numbers, found NaN at 0'],
    [
      'of another autoencoder',
      withPreview({ ...ownConfig, latent_channels: 4 }, wide),
      "preview/config.json: latent_channels: expected the autoencoder's 3, found 4",
    ],
    [
      'without weights',
      tinyFolder().set('preview/config.json', json(ownConfig)),
      'preview/model.safetensors: expected a file, found none',
    ],
  ])('%s is refused', async (_, folder, message) => {
    const error = await open(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).message).toContain(message);
  });
});
