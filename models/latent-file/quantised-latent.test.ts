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
  it('takes no more levels than there are, and is off by half a step at most', () => {
    for (const [seed, shape] of (
      [
        [1, 1, 1],
        [3, 5, 7],
        [8, 16, 16],
      ] as const satisfies LatentShape[]
    ).entries()) {
      for (const latent of [noiseLatent(seed, shape), spotLatent(seed, shape)]) {
        const quantised = quantise(latent, bits);
        expect(Math.max(...quantised.codes)).toBeLessThan(2 ** bits);
        const { data, dims } = dequantise(quantised);
        expect(dims).toEqual(latent.dims);
        const plane = shape[1] * shape[2];
        for (const [i, value] of data.entries()) {
          const step = stepOf(quantised.stepIndices[Math.floor(i / plane)]!);
          expect(Math.abs(value - latent.data[i]!)).toBeLessThanOrEqual(step * 0.5000001);
        }
      }
    }
  });

  it('wastes less than a fifth of its levels', () => {
    const { codes } = quantise(noiseLatent(9, [4, 64, 64]), bits);
    for (let channel = 0; channel < 4; channel++) {
      const most = Math.max(...codes.subarray(channel * 4096, (channel + 1) * 4096));
      expect(most + 1).toBeGreaterThan(0.8 * 2 ** bits - 1);
    }
  });
});

it('keeps a constant to 16 bits and gives each value one level', () => {
  for (const constant of [0, 3.7, -1e-3, 12345.678]) {
    const quantised = quantise({ data: new Float32Array(12).fill(constant), dims: [1, 3, 4] }, 2);
    expect(new Set(quantised.codes).size).toBe(1);
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
