import { ParameterError } from '../parameter-error.ts';
import type { FloatTensor } from '../runtime.ts';
import type { LatentShape } from './neighbourhood.ts';
import { stepOf, steps } from './step.ts';

export const leastBits = 2;
export const mostBits = 8;
/** How many steps a channel's least value may be from 0, either way. */
export const furthestLow = 2 ** 16;

/** A latent in whole numbers: `value = (low + code) · step`, with a low and a step for each channel. */
export interface QuantisedLatent {
  /** Codes are below 2^bits. */
  readonly bits: number;
  readonly shape: LatentShape;
  /** `[channels, height, width]` */
  readonly codes: Uint8Array;
  /** Of every channel: which of `steps`. */
  readonly stepIndices: Uint8Array;
  /** Of every channel: its least value, in steps. */
  readonly lows: Int32Array;
}

/**
 * A latent with at most `2^bits` different values in a channel: each channel's step is the least with which that many reach
 * from its least value to its greatest.
 * @param latent `[channels, height, width] float32`
 * @param bits 2..8
 * @throws ParameterError when it is not such, or holds values that no step reaches
 */
export function quantise({ data, dims }: FloatTensor, bits: number): QuantisedLatent {
  if (!Number.isInteger(bits) || bits < leastBits || bits > mostBits) {
    throw new ParameterError(`${bits} bits: expected a whole number from ${leastBits} to ${mostBits}`);
  }
  const [channels = 0, height = 0, width = 0] = dims;
  const plane = height * width;
  if (dims.length !== 3 || data.length === 0 || data.length !== channels * plane) {
    throw new ParameterError(`a latent [${dims}] of ${data.length} values, expected [channels, height, width]`);
  }
  const codes = new Uint8Array(data.length);
  const stepIndices = new Uint8Array(channels);
  const lows = new Int32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const values = data.subarray(channel * plane, (channel + 1) * plane);
    const { index, low } = lattice(values, 2 ** bits);
    stepIndices[channel] = index;
    lows[channel] = low;
    const step = stepOf(index);
    for (let i = 0; i < plane; i++) codes[channel * plane + i] = Math.round(values[i]! / step) - low;
  }
  return { bits, shape: [channels, height, width], codes, stepIndices, lows };
}

/** The least step with which `levels` multiples of it reach from the least to the greatest of the values. */
function lattice(values: Float32Array, levels: number): { readonly index: number; readonly low: number } {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) throw new ParameterError(`a latent that holds ${value}`);
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  for (let index = 0; index < steps; index++) {
    const step = stepOf(index);
    const low = Math.round(least / step);
    const high = Math.round(greatest / step);
    if (high - low < levels && Math.abs(low) <= furthestLow) return { index, low };
  }
  throw new ParameterError(`a latent with values from ${least} to ${greatest}: no step reaches so far`);
}

/** The latent that codes stand for, `[channels, height, width] float32`: the same bytes on every machine. */
export function dequantise({ shape, codes, stepIndices, lows }: QuantisedLatent): FloatTensor {
  const plane = shape[1] * shape[2];
  const data = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const channel = Math.floor(i / plane);
    data[i] = (lows[channel]! + codes[i]!) * stepOf(stepIndices[channel]!);
  }
  return { data, dims: [...shape] };
}
