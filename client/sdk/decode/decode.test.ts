/** Decoding on onnxruntime-web's WebAssembly, held against the server's runtime. */
import { describe, expect, it } from 'vitest';
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { writeSafetensors } from '../../../models/checkpoint/safetensors.ts';
import { LatentDecoder } from '../../../models/latent-decoder.ts';
import { TorchGenerator } from '../../../models/noise.ts';
import { inMemory } from '../../../test/models/tiny-checkpoint.ts';
import { bytesOff, rgbOf } from '../testing/bytes-off.ts';
import { openDecoder } from './index.ts';

const shipped = checkpointFiles('models/shipped');
const latent = new TorchGenerator(7).randn([1, 8, 16, 16]);

describe('a decoder', () => {
  it('makes the picture that onnxruntime-node makes, but for roundings', async () => {
    const native = await LatentDecoder.open(shipped, createOnnxRuntime({ folder: 'models/shipped', threads: 1 }));
    const expected = await native.decodeToPixels(latent);
    await native.release();

    const decoder = await openDecoder({ files: shipped });
    expect(decoder.provider).toBe('wasm');
    const picture = await decoder.decode(latent);
    expect([picture.width, picture.height, picture.data.length]).toEqual([128, 128, 4 * 128 * 128]);
    const { most, share } = bytesOff(rgbOf(picture), expected.data);
    expect(most).toBeLessThanOrEqual(1);
    expect(share).toBeLessThan(0.01);

    // The same numbers in other clothes.
    const { data, dims } = latent;
    const file = writeSafetensors({ latent: { data, dims: dims.slice(1) } });
    expect((await decoder.decode(file)).data).toEqual(picture.data);
    expect((await decoder.decode(file.buffer)).data).toEqual(picture.data);

    // Calls that come at the same time are served one after the other, and after a release it loads again.
    await decoder.release();
    const both = await Promise.all([decoder.decode(latent), decoder.decode(latent)]);
    expect(both.map(({ data }) => data)).toEqual([picture.data, picture.data]);

    await expect(decoder.decode({ data, dims: [8, 16] })).rejects.toThrow('a latent [8,16] of 2048 numbers');
    await expect(decoder.decode({ data: data.subarray(0, 1024), dims: [4, 16, 16] })).rejects.toThrow('[images, 8');
    const other = writeSafetensors({ vectors: { data, dims } });
    await expect(decoder.decode(other)).rejects.toThrow('a file without a float latent');
    await expect(decoder.decode({ latentKey: 'a'.repeat(64) })).rejects.toThrow('there is no server to ask');
    await expect(decoder.decode(latent, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await decoder.release();
  });

  it('computes on WASM where there is no WebGPU, though it was asked for', async () => {
    const reasons: string[] = [];
    const decoder = await openDecoder({ files: shipped }, { provider: 'webgpu', onFallback: why => reasons.push(why) });
    expect(decoder.provider).toBe('wasm');
    expect(reasons).toHaveLength(1);
    expect((await decoder.decode(latent)).width).toBe(128);
    await decoder.release();
  });

  it('is refused for a folder that is none', async () => {
    await expect(openDecoder({ files: inMemory(new Map()) })).rejects.toThrow('vae/config.json: expected a file');
  });
});
