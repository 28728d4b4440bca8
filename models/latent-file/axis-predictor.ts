import { LinearPrediction } from './linear-prediction.ts';
import type { Neighbourhood } from './neighbourhood.ts';

/** How many of the axes before it a code is predicted from. */
const mostAxes = 8;
const forgetting = 0.998;
/** A code is below 256: what is expected to be further from it than this is no expectation. */
const furthest = 1024;
/** Of west, north, north-west, north-east and a constant, at first. */
const neighbourWeights = [0.4, 0.4, 0, 0.1, 0];
const neighbourDoubt = 0.05;
const axisDoubt = 0.3;

/** Predicts the codes along one axis in their order from their neighbours and the axes before, and learns from each. */
export class AxisPredictor {
  /** What the next code is expected to be. */
  middle = 0;
  /** Mean distance of the codes from what was expected, newer ones counting more. */
  error: number;
  readonly #around: Neighbourhood;
  readonly #axes: number;
  readonly #linear: LinearPrediction;
  readonly #features: Float64Array;
  #mean: number;
  #seen = 1;

  /** @param zero what the first code is expected to be @param error how far from it */
  constructor(around: Neighbourhood, axis: number, zero: number, error: number) {
    this.#around = around;
    this.#axes = Math.min(axis, mostAxes);
    this.#mean = zero;
    this.error = error;
    const weights = [...neighbourWeights, ...new Array<number>(2 * this.#axes).fill(0)];
    const doubts = weights.map((_, i) => (i < neighbourWeights.length ? neighbourDoubt : axisDoubt));
    this.#linear = new LinearPrediction(weights, doubts, forgetting);
    this.#features = new Float64Array(weights.length);
  }

  /** Predicts the code that the neighbourhood is of. */
  predict(): void {
    const { west, north, northWest, northEast } = this.#around;
    const mean = this.#mean;
    this.#features.set([west - mean, north - mean, northWest - mean, northEast - mean, 1]);
    for (let back = 1; back <= this.#axes; back++) {
      this.#features.set(this.#around.aroundBefore(back), neighbourWeights.length + 2 * (back - 1));
    }
    const predicted = mean + this.#linear.predict(this.#features);
    // Also not NaN: a decoder of a forged file must end.
    this.middle = Math.abs(predicted) < furthest ? predicted : mean;
  }

  learn(code: number): void {
    this.#linear.learn(this.#features, code - this.middle);
    this.error += (Math.abs(code - this.middle) - this.error) * Math.max(0.03, 1 / (this.#seen + 2));
    this.#seen++;
    this.#mean += (code - this.#mean) / this.#seen;
  }
}
