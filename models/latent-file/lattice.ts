import { mostFrequent } from './most-frequent.ts';

/** How far the origin may be from 0, in parts of a step. */
export const furthestOrigin = 2 ** 20;
/** The origin lies on a lattice so much finer. */
export const partsOfStep = 4;

/** Whole numbers of steps from an origin along the first few axes; the rest is less than half a step everywhere. */
export interface Lattice {
  /** Of every channel, in parts of a step. */
  readonly origin: Int32Array;
  /** Of every axis: the code of the origin. */
  readonly zeros: Uint8Array;
  /** `[axes, plane]` */
  readonly codes: Uint8Array;
}

/** A latent's values `[channels, plane]` along axes of its own. */
export class AlongAxes {
  readonly #data: Float32Array;
  readonly #axes: readonly Float64Array[];
  readonly #plane: number;
  readonly #values: readonly Float64Array[];
  /** From the least to the greatest value along the axis where they are furthest apart. */
  readonly extent: number;

  constructor(data: Float32Array, axes: readonly Float64Array[]) {
    this.#data = data;
    this.#axes = axes;
    this.#plane = data.length / axes.length;
    this.#values = axes.map(axis =>
      Float64Array.from({ length: this.#plane }, (_, i) =>
        axis.reduce((sum, part, channel) => sum + part * data[channel * this.#plane + i]!, 0),
      ),
    );
    this.extent = Math.max(...this.#values.map(values => greatest(values) - least(values)));
  }

  /** @returns null where codes of `levels` do not reach from the least value to the greatest, or the origin is too far */
  onLattice(step: number, levels: number): Lattice | null {
    const frequent = this.#values.map(values => mostFrequent(values, step / partsOfStep));
    const isFlat = this.#values.map((values, axis) => {
      const middle = frequent[axis]!;
      return Math.max(greatest(values) - middle, middle - least(values)) < step / 2;
    });
    const rank = isFlat.lastIndexOf(false) + 1;
    const origin = this.#origin(frequent.slice(0, rank)).map(value => Math.round((value * partsOfStep) / step));
    if (origin.some(part => Math.abs(part) > furthestOrigin)) return null;
    const zeros = new Uint8Array(rank);
    const codes = new Uint8Array(rank * this.#plane);
    for (let axis = 0; axis < rank; axis++) {
      const middle = this.#axes[axis]!.reduce((sum, part, c) => sum + (part * origin[c]! * step) / partsOfStep, 0);
      const steps = this.#values[axis]!.map(value => Math.round((value - middle) / step));
      const zero = Math.max(0, -least(steps));
      if (zero >= levels || zero + greatest(steps) >= levels) return null;
      zeros[axis] = zero;
      codes.set(
        steps.map(value => zero + value),
        axis * this.#plane,
      );
    }
    return { origin: Int32Array.from(origin), zeros, codes };
  }

  /** What is most frequent along the first axes, and the mean along the others: of every channel. */
  #origin(frequent: readonly number[]): Float64Array {
    const origin = Float64Array.from(this.#axes, (_, channel) =>
      mean(this.#data.subarray(channel * this.#plane, (channel + 1) * this.#plane)),
    );
    for (const [i, value] of frequent.entries()) {
      const more = value - mean(this.#values[i]!);
      for (const [channel, part] of this.#axes[i]!.entries()) origin[channel]! += part * more;
    }
    return origin;
  }
}

function mean(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function greatest(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b));
}
