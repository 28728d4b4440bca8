import { describe, expect, test } from 'vitest';
import { shippedFolder } from '../../test/models/shipped-folder.ts';
import { inMemory } from '../../test/models/tiny-checkpoint.ts';
import { decoderSlice } from './browser-files.ts';
import { CheckpointError } from './error.ts';
import type { CheckpointFiles } from './files.ts';
import { openCheckpoint } from './folder.ts';
import { headerLength, parseHeader, readSafetensors, writeSafetensors } from './safetensors.ts';
import { sliceWeights, type WeightSlice } from './slice.ts';
import { Weights } from './weights.ts';

/** The file that a slice says. */
async function written({ bytes, header, ranges }: WeightSlice, files: CheckpointFiles): Promise<Uint8Array> {
  const parts = [header, ...(await Promise.all(ranges.map(each => files.readRange(each.file, each.begin, each.end))))];
  const file = new Uint8Array(Buffer.concat(parts));
  expect(file.byteLength).toBe(bytes);
  return file;
}

const tensor = (...data: number[]) => ({ data: Float32Array.from(data), dims: [data.length] });
const open = (...files: [string, Uint8Array][]) => Weights.open(inMemory(new Map(files)), files[0]![0]);

describe('the shipped decoder', () => {
  test('has every tensor of the decoder, byte for byte, and none of the encoder', async () => {
    const files = inMemory(await shippedFolder());
    const { vae } = await openCheckpoint(files);
    const whole = await files.read(vae.weights.file);
    const slice = await written(decoderSlice(vae), files);
    expect(slice.byteLength).toBeLessThan(0.7 * whole.byteLength);

    const parse = (file: Uint8Array) => {
      const length = headerLength(file, file.byteLength);
      return parseHeader(file.subarray(8, 8 + length), file.byteLength);
    };
    const [before, after] = [parse(whole), parse(slice)];
    const wanted = [...before.tensors.keys()].filter(name => /^(decoder|post_quant_conv)\./.test(name));
    expect([...after.tensors.keys()].sort()).toEqual(wanted.sort());
    expect(after.metadata).toEqual(before.metadata);
    for (const name of wanted) {
      const [was, is] = [before.tensors.get(name)!, after.tensors.get(name)!];
      expect(is).toMatchObject({ dtype: was.dtype, shape: was.shape });
      expect(Buffer.compare(whole.subarray(was.begin, was.end), slice.subarray(is.begin, is.end))).toBe(0);
    }
  });
});

describe('a slice', () => {
  test('keeps metadata and joins what lies side by side', async () => {
    const file = writeSafetensors({ a: tensor(1, 2), b: tensor(3), c: tensor(4), d: tensor(5) }, { format: 'pt' });
    const weights = await open(['w.safetensors', new Uint8Array(file)]);
    const slice = sliceWeights(weights, name => name !== 'c');
    expect(slice.ranges).toHaveLength(2);
    expect(slice.header.byteLength % 8).toBe(0);
    const read = await written(slice, inMemory(new Map([['w.safetensors', file]])));
    expect([...readSafetensors(read)].map(([name, { data }]) => [name, ...data])).toEqual([
      ['a', 1, 2],
      ['b', 3],
      ['d', 5],
    ]);
    expect((await open(['s.safetensors', read])).metadata).toEqual({ format: 'pt' });
  });

  test('is one file where the weights were in several', async () => {
    const shards = ['a', 'b'].map((name, i) => {
      const file = writeSafetensors({ [name]: tensor(i, i), [`${name}2`]: tensor(9) });
      return [`vae/w-0000${i}-of-00002.safetensors`, file] as const;
    });
    const map = { a: 'w-00000-of-00002.safetensors', b: 'w-00001-of-00002.safetensors' };
    const index = new TextEncoder().encode(JSON.stringify({ weight_map: map }));
    const folder = new Map<string, Uint8Array>([['vae/w.safetensors.index.json', index], ...shards]);
    const weights = await Weights.open(inMemory(folder), 'vae/w.safetensors.index.json', new Set(folder.keys()));
    const read = readSafetensors(
      await written(
        sliceWeights(weights, () => true),
        inMemory(folder),
      ),
    );
    expect([...read].map(([name, { data }]) => [name, ...data])).toEqual([
      ['a', 0, 0],
      ['b', 1, 1],
    ]);
  });

  test('of nothing is refused, and so is a file that is no safetensors', async () => {
    const weights = await open(['w.safetensors', writeSafetensors({ a: tensor(1) })]);
    expect(() => sliceWeights(weights, name => name === 'b')).toThrow(CheckpointError);
    expect(() => sliceWeights(weights, name => name === 'b')).toThrow('w.safetensors: expected tensors to cut out');
    await expect(open(['w.safetensors', new Uint8Array(20)])).rejects.toThrow('expected a safetensors file');
  });
});
