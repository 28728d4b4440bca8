import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../parameter-error.ts';
import { crc32 } from './crc32.ts';
import { dklatLimits, isDklat, readDklat, writeDklat } from './dklat.ts';
import { DklatError } from './dklat-error.ts';
import type { LatentShape } from './neighbourhood.ts';
import { dequantise, quantise } from './quantised-latent.ts';
import { noiseLatent, spotLatent, uniform } from './test-latents.ts';

const checkpointDigest = '0123456789abcdef'.repeat(4);
const written = (latent: Parameters<typeof quantise>[0], bits: number) =>
  writeDklat(quantise(latent, bits), { checkpointDigest });

describe.each([2, 3, 4, 5, 6, 7, 8])('%i bits', bits => {
  it.each<[string, LatentShape]>([
    ['one value', [1, 1, 1]],
    ['a row', [3, 1, 17]],
    ['a column', [2, 13, 1]],
    ['odd sides', [5, 7, 11]],
    ['many channels', [64, 2, 3]],
    ['the shipped shape', [8, 16, 16]],
  ])('reads what it wrote: %s', (_, shape) => {
    const constant = { data: new Float32Array(shape[0] * shape[1] * shape[2]).fill(-2.5), dims: shape };
    for (const latent of [noiseLatent(bits, shape), spotLatent(bits, shape), constant]) {
      const quantised = quantise(latent, bits);
      const file = writeDklat(quantised, { checkpointDigest });
      expect(isDklat(file)).toBe(true);
      const read = readDklat(file);
      expect(read).toEqual({ ...quantised, checkpointDigest, latent: dequantise(quantised) });
      // What was read is what would be written.
      expect(writeDklat(read, { checkpointDigest: read.checkpointDigest })).toEqual(file);
    }
  });

  it('makes noise hardly larger than its bits, an even latent tiny, and a spot smaller than deflate does', () => {
    const shape = [8, 16, 16] as const;
    expect(written(noiseLatent(1, shape), bits).byteLength).toBeLessThan(2048 * (bits / 8) * 1.06 + 80);
    const even = { data: new Float32Array(2048).fill(1), dims: [...shape] };
    expect(written(even, bits).byteLength).toBeLessThan(110);
    const spot = quantise(spotLatent(1, shape), bits);
    const beforeCodes = writeDklat({ ...spot, codes: spot.codes.fill(0) }, { checkpointDigest }).byteLength;
    expect(written(spotLatent(1, shape), bits).byteLength - beforeCodes).toBeLessThan(
      0.9 * deflateSync(quantise(spotLatent(1, shape), bits).codes, { level: 9 }).byteLength,
    );
  });
});

it('reads from memory that is part of a larger piece', () => {
  const file = written(spotLatent(2, [3, 5, 6]), 4);
  const pool = new Uint8Array(file.byteLength + 9);
  pool.set(file, 5);
  expect(readDklat(pool.subarray(5, 5 + file.byteLength))).toEqual(readDklat(file));
});

it('writes the same bytes as ever', () => {
  const sha256 = createHash('sha256');
  for (const bits of [2, 5, 8]) {
    sha256.update(written(spotLatent(3, [8, 16, 16]), bits));
    sha256.update(written(noiseLatent(4, [4, 32, 24], 1), bits));
  }
  expect(sha256.digest('hex')).toBe('5ec1dcfd48cd6ce39b293fcf305341d627c9b9dc317e180dfe321776e634134c');
});

describe('a file that is none', () => {
  const file = written(spotLatent(5, [4, 6, 6]), 3);
  const resealed = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = file.slice();
    change(bytes);
    const end = bytes.byteLength - 4;
    new DataView(bytes.buffer).setUint32(end, crc32(bytes.subarray(0, end)), true);
    return bytes;
  };

  it('is found out by every single bit that is another', () => {
    for (let bit = 0; bit < file.byteLength * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => readDklat(flipped), `bit ${bit}`).toThrow(DklatError);
    }
  });

  it('is found out when it is cut off anywhere, or goes on', () => {
    for (let length = 0; length < file.byteLength; length++) {
      expect(() => readDklat(file.subarray(0, length)), `${length} bytes`).toThrow(DklatError);
    }
    const longer = new Uint8Array(file.byteLength + 1);
    longer.set(file);
    expect(() => readDklat(longer)).toThrow(DklatError);
  });

  it('is refused by what its header says, before anything is decoded, though its checksum is right', () => {
    const at = { version: 4, bits: 5, channels: 6, height: 7, width: 8 };
    for (const [change, message] of [
      [(bytes: Uint8Array) => bytes.fill(2, at.version, at.version + 1), /version 2/],
      [(bytes: Uint8Array) => bytes.fill(1, at.bits, at.bits + 1), /1 bits/],
      [(bytes: Uint8Array) => bytes.fill(9, at.bits, at.bits + 1), /9 bits/],
      [(bytes: Uint8Array) => bytes.fill(0, at.height, at.height + 1), /\[4,0,6\]/],
      [(bytes: Uint8Array) => bytes.fill(65, at.channels, at.channels + 1), /\[65,6,6\]/],
      [(bytes: Uint8Array) => bytes.set([0xff, 0xff, 0xff, 0x7f], at.channels), /268435455/],
      [(bytes: Uint8Array) => bytes.fill(0xff, at.channels, at.channels + 8), /number/],
    ] as const) {
      expect(() => readDklat(resealed(change))).toThrow(message);
      expect(() => readDklat(resealed(change))).toThrow(DklatError);
    }
    expect(() => readDklat(new TextEncoder().encode('a text file called .dklat'))).toThrow(DklatError);
  });

  it('is a DklatError or a latent of its own size, however it is changed', () => {
    const next = uniform(6);
    let read = 0;
    for (let round = 0; round < 1500; round++) {
      const changed = resealed(bytes => {
        const changes = 1 + Math.floor(next() * 4);
        for (let i = 0; i < changes; i++) bytes[Math.floor(next() * bytes.byteLength)] = Math.floor(next() * 256);
      });
      const cut = next() < 0.2 ? changed.subarray(0, Math.floor(next() * changed.byteLength)) : changed;
      try {
        const { shape, latent, codes, bits } = readDklat(cut);
        read++;
        expect(latent.data.length).toBe(shape[0] * shape[1] * shape[2]);
        expect(latent.data.every(Number.isFinite)).toBe(true);
        expect(codes.every(code => code < 2 ** bits)).toBe(true);
      } catch (error) {
        if (!(error instanceof DklatError)) throw error;
      }
    }
    expect(read).toBeGreaterThan(250);
  });
});

it('writes nothing that it would not read', () => {
  const of = (...shape: [number, number, number]) =>
    quantise({ data: new Float32Array(shape[0] * shape[1] * shape[2]), dims: shape }, 2);
  for (const quantised of [of(65, 1, 1), of(1, 513, 1), of(1, 1, 513), of(2, 512, 512)]) {
    expect(() => writeDklat(quantised, { checkpointDigest })).toThrow(ParameterError);
  }
  const largest = quantise(spotLatent(1, [1, 512, 512]), 2);
  expect(largest.codes.length).toBe(dklatLimits.values);
  expect(readDklat(writeDklat(largest, { checkpointDigest })).codes).toEqual(largest.codes);
  for (const digest of ['', 'ab', checkpointDigest.toUpperCase(), `${checkpointDigest}0`]) {
    expect(() => writeDklat(of(1, 1, 1), { checkpointDigest: digest })).toThrow(ParameterError);
  }
});
