import { ParameterError } from '../parameter-error.ts';
import type { FloatTensor } from '../runtime.ts';
import { angleCount, anglesOf, frameOf } from './frame.ts';
import { AlongAxes, type Lattice, partsOfStep } from './lattice.ts';
import type { LatentShape } from './neighbourhood.ts';
import { principalAxes } from './principal-axes.ts';
import { stepOf, steps } from './step.ts';

export const leastBits = 2;
export const mostBits = 8;

/**
 * A latent in whole numbers. Its channels vary together, so they are turned: along axes of its own, the first few of which
 * hold nearly all, each value is a whole number of steps from an origin,
 *
 *     latent[channel] = origin[channel] · step / 4 + Σ over axes (code[axis] - zero[axis]) · step · axis[channel]
 */
export interface QuantisedLatent extends Lattice {
  /** Codes are below 2^bits. */
  readonly bits: number;
  /** Of the latent. */
  readonly shape: LatentShape;
  /** How many axes there are: 0 to as many as channels. */
  readonly rank: number;
  /** What the axes are, see `frame.ts`: of `angleBits(bits)` bits each. */
  readonly angles: Uint16Array;
  /** Which of `steps`. */
  readonly stepIndex: number;
}

/** The finer the codes, the finer the axes. */
export function angleBits(bits: number): number {
  return bits + 2;
}

/**
 * A latent with at most `2^bits` different values along each axis: the step is the least with which that many reach from
 * the least to the greatest. The origin is what is most frequent along each axis, so that an even background is even.
 * @param latent `[channels, height, width] float32`
 * @param bits 2..8
 * @throws ParameterError when it is not such, or holds values that no step reaches
 */
export function quantise({ data, dims }: FloatTensor, bits: number): QuantisedLatent {
  if (!Number.isInteger(bits) || bits < leastBits || bits > mostBits) {
    throw new ParameterError(`${bits} bits: expected a whole number from ${leastBits} to ${mostBits}`);
  }
  const [channels = 0, height = 0, width = 0] = dims;
  if (dims.length !== 3 || data.length === 0 || data.length !== channels * height * width) {
    throw new ParameterError(`a latent [${dims}] of ${data.length} values, expected [channels, height, width]`);
  }
  if (!data.every(Number.isFinite)) throw new ParameterError('a latent that holds NaN or infinity');
  const shape = [channels, height, width] as const;
  const angles = anglesOf(principalAxes(data, channels), angleBits(bits));
  const axes = frameOf(angles, channels, channels, angleBits(bits));
  const along = new AlongAxes(data, axes);
  for (let stepIndex = 0; stepIndex < steps; stepIndex++) {
    const step = stepOf(stepIndex);
    if (along.extent > step * 2 ** bits) continue;
    const lattice = along.onLattice(step, 2 ** bits);
    if (!lattice) continue;
    const rank = lattice.zeros.length;
    return { bits, shape, rank, stepIndex, angles: angles.slice(0, angleCount(channels, rank)), ...lattice };
  }
  throw new ParameterError('a latent with values so far apart that no step reaches');
}

/** The latent that codes stand for, `[channels, height, width] float32`: the same bytes on every machine. */
export function dequantise(quantised: QuantisedLatent): FloatTensor {
  const { bits, shape, rank, stepIndex, angles, origin, zeros, codes } = quantised;
  const [channels, height, width] = shape;
  const plane = height * width;
  const step = stepOf(stepIndex);
  const axes = frameOf(angles, channels, rank, angleBits(bits));
  const data = new Float32Array(channels * plane);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) {
      let value = origin[channel]! / partsOfStep;
      for (let axis = 0; axis < rank; axis++) {
        value += (codes[axis * plane + i]! - zeros[axis]!) * axes[axis]![channel]!;
      }
      data[channel * plane + i] = value * step;
    }
  }
  return { data, dims: [...shape] };
}
