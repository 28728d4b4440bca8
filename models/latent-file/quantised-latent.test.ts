import { describe, expect, it, test } from 'vitest';
import { ParameterError } from '../parameter-error.ts';
import type { LatentShape } from './neighbourhood.ts';
import { dequantise, quantise } from './quantised-latent.ts';
import { stepOf, steps } from './step.ts';
import { noiseLatent, spotLatent } from './test-latents.ts';

const bitsThere = [2, 3, 4, 5, 6, 7, 8];

test('steps grow by an eighth of a power of two and are exact in float32', () => {
  for (let index = 1; index < steps; index++) {
    const ratio = stepOf(index) / stepOf(index - 1);
    expect(ratio).toBeGreaterThan(1.06);
    expect(ratio).toBeLessThan(1.13);
    expect(Math.fround(stepOf(index))).toBe(stepOf(index));
  }
});

describe.each(bitsThere)('%i bits', bits => {
  it('takes no more levels than there are, and is off by little more than half a step along each axis', () => {
    for (const [seed, shape] of (
      [
        [1, 1, 1],
        [3, 5, 7],
        [8, 16, 16],
        [64, 3, 3],
      ] as LatentShape[]
    ).entries()) {
      for (const latent of [noiseLatent(seed, shape), spotLatent(seed, shape)]) {
        const quantised = quantise(latent, bits);
        expect(quantised.codes.every(code => code < 2 ** bits)).toBe(true);
        const { data, dims } = dequantise(quantised);
        expect(dims).toEqual(latent.dims);
        const [channels, height, width] = shape;
        for (let i = 0; i < height * width; i++) {
          let square = 0;
          for (let c = 0; c < channels; c++)
            square += (data[c * height * width + i]! - latent.data[c * height * width + i]!) ** 2;
          // Half a step along each axis; what lies along axes that are left out is as little, and its mean is rounded.
          expect(Math.sqrt(square)).toBeLessThan(0.63 * stepOf(quantised.stepIndex) * Math.sqrt(channels));
        }
      }
    }
  });

  it('uses most of its levels along the first axis', () => {
    const { codes } = quantise(noiseLatent(9, [4, 64, 64]), bits);
    expect(new Set(codes.subarray(0, 4096)).size).toBeGreaterThan(0.7 * 2 ** bits);
  });

  it('keeps axes that hold something only', () => {
    const { data } = spotLatent(7, [2, 16, 16]);
    const [first, second] = [data.subarray(0, 256), data.subarray(256)];
    const mixed = [1, -0.5, 2, 0.3, 0].flatMap((part, i) =>
      Array.from(first, (value, j) => part * value + i * second[j]!),
    );
    expect(quantise({ data: Float32Array.from(mixed), dims: [5, 16, 16] }, bits).rank).toBeLessThanOrEqual(2);
  });
});

it('keeps an even background even', () => {
  const latent = spotLatent(8, [6, 16, 16]);
  const even = latent.data.map((value, i) => (i % 16 < 9 ? Math.floor(i / 256) * 0.77 - 2 : value));
  const quantised = quantise({ data: even, dims: latent.dims }, 3);
  for (const [axis, zero] of quantised.zeros.entries()) {
    for (let i = 0; i < 256; i++) if (i % 16 < 9) expect(quantised.codes[axis * 256 + i]).toBe(zero);
  }
});

it('keeps a constant to 16 bits, without a code', () => {
  for (const constant of [0, 3.7, -1e-3, 12345.678]) {
    const quantised = quantise({ data: new Float32Array(12).fill(constant), dims: [1, 3, 4] }, 2);
    expect(quantised.codes.length).toBe(0);
    const [value] = dequantise(quantised).data;
    expect(Math.abs(value! - constant)).toBeLessThanOrEqual(Math.max(2 ** -17, Math.abs(constant) * 2 ** -16));
  }
});

it('says what cannot be quantised', () => {
  const four = (...values: number[]) => ({ data: Float32Array.from(values), dims: [1, 2, 2] });
  for (const bits of [1, 9, 2.5, Number.NaN]) expect(() => quantise(four(0, 0, 0, 0), bits)).toThrow(ParameterError);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 3e38]) {
    expect(() => quantise(four(0, bad, 0, 0), 4)).toThrow(ParameterError);
  }
  expect(() => quantise({ data: new Float32Array(4), dims: [1, 1, 2, 2] }, 4)).toThrow(ParameterError);
  expect(() => quantise({ data: new Float32Array(3), dims: [1, 2, 2] }, 4)).toThrow(ParameterError);
  expect(() => quantise({ data: new Float32Array(0), dims: [0, 2, 2] }, 4)).toThrow(ParameterError);
});
