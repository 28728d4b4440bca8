import { LinearPrediction } from './linear-prediction.ts';
import type { Neighbourhood } from './neighbourhood.ts';

/** How many of the channels before it a code is predicted from. */
const mostChannels = 8;
const forgetting = 0.998;
/** A code is below 256: what is expected to be further from it than this is no expectation. */
const furthest = 1024;
const own = { weights: [0.75, 0.65, -0.4, 0, 0], doubts: new Array<number>(5).fill(0.05) };
const othersDoubt = 0.3;

/**
 * Predicts the codes of one channel in their order, by two linear predictions that learn from each code: one from the
 * neighbours alone, and one also from the channels before.
 */
export class ChannelPredictor {
  /** From the neighbours. */
  readonly spatial = new Tracked(new LinearPrediction(own.weights, own.doubts, forgetting));
  /** From the neighbours and the channels before. */
  readonly joint: Tracked;
  readonly #around: Neighbourhood;
  readonly #channels: number;
  #mean: number;
  #seen = 1;

  /** @param middle what the first code is expected to be */
  constructor(around: Neighbourhood, channel: number, middle: number) {
    this.#around = around;
    this.#channels = Math.min(channel, mostChannels);
    this.#mean = middle;
    const others = new Array<number>(2 * this.#channels);
    const weights = [...own.weights, ...others.fill(0)];
    this.joint = new Tracked(new LinearPrediction(weights, [...own.doubts, ...others.fill(othersDoubt)], forgetting));
    this.spatial.error = this.joint.error = middle / 4;
  }

  /** Predicts the code that the neighbourhood is of. */
  predict(): void {
    const { west, north, northWest, northEast } = this.#around;
    const mean = this.#mean;
    const neighbours = [west - mean, north - mean, northWest - mean, northEast - mean, 1];
    for (const prediction of [this.spatial, this.joint]) prediction.features.set(neighbours);
    for (let back = 1; back <= this.#channels; back++) {
      const [same, beside] = this.#around.aroundBefore(back);
      this.joint.features[3 + 2 * back] = same;
      this.joint.features[4 + 2 * back] = beside;
    }
    for (const prediction of [this.spatial, this.joint]) prediction.predict(mean);
  }

  learn(code: number): void {
    for (const prediction of [this.spatial, this.joint]) prediction.learn(code, this.#seen);
    this.#seen++;
    this.#mean += (code - this.#mean) / this.#seen;
  }
}

/** A linear prediction and how far off it has been lately. */
class Tracked {
  readonly features: Float64Array;
  middle = 0;
  /** Mean distance of the codes from `middle`, newer ones counting more. */
  error = 0;
  readonly #linear: LinearPrediction;

  constructor(linear: LinearPrediction) {
    this.#linear = linear;
    this.features = new Float64Array(linear.weights.length);
  }

  predict(mean: number): void {
    const predicted = mean + this.#linear.predict(this.features);
    // Also not NaN: a decoder of a forged file must end.
    this.middle = Math.abs(predicted) < furthest ? predicted : mean;
  }

  learn(code: number, seen: number): void {
    this.#linear.learn(this.features, code - this.middle);
    this.error += (Math.abs(code - this.middle) - this.error) * Math.max(0.03, 1 / (seen + 2));
  }
}
