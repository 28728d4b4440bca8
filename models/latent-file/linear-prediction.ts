/**
 * A linear prediction that learns as it goes: recursive least squares with forgetting.
 * Source: Haykin, Adaptive Filter Theory, on the RLS algorithm.
 */
export class LinearPrediction {
  readonly weights: Float64Array;
  readonly #start: readonly number[];
  readonly #doubts: readonly number[];
  readonly #most: number;
  readonly #inverse: Float64Array;
  readonly #gain: Float64Array;
  readonly #forgetting: number;

  /**
   * @param weights to begin with
   * @param doubts how far from them the best ones may be: variances, in units of the error's
   */
  constructor(weights: readonly number[], doubts: readonly number[], forgetting: number) {
    const size = weights.length;
    this.weights = new Float64Array(size);
    this.#start = weights;
    this.#doubts = doubts;
    this.#most = 10 * doubts.reduce((sum, doubt) => sum + doubt, 0);
    this.#inverse = new Float64Array(size * size);
    this.#gain = new Float64Array(size);
    this.#forgetting = forgetting;
    this.#begin();
  }

  predict(features: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < features.length; i++) sum += this.weights[i]! * features[i]!;
    return sum;
  }

  /** @param error what was to be predicted of these features, less what was predicted */
  learn(features: Float64Array, error: number): void {
    const size = features.length;
    // Forgetting without end makes doubt grow without end where features do not change.
    const forgetting = this.#trace() < this.#most ? this.#forgetting : 1;
    let power = forgetting;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += this.#inverse[i * size + j]! * features[j]!;
      this.#gain[i] = sum;
      power += sum * features[i]!;
    }
    // Rounding has made the matrix one that cannot be, or NaN.
    if (!(power > forgetting / 2 && power < 1e12)) {
      this.#begin();
      return;
    }
    for (let i = 0; i < size; i++) {
      const gain = this.#gain[i]! / power;
      this.weights[i]! += gain * error;
      for (let j = 0; j < size; j++) {
        const cell = i * size + j;
        this.#inverse[cell] = (this.#inverse[cell]! - gain * this.#gain[j]!) / forgetting;
      }
    }
  }

  #trace(): number {
    const size = this.#gain.length;
    let sum = 0;
    for (let i = 0; i < size; i++) sum += this.#inverse[i * size + i]!;
    return sum;
  }

  #begin(): void {
    const size = this.#gain.length;
    this.weights.set(this.#start);
    this.#inverse.fill(0);
    for (const [i, doubt] of this.#doubts.entries()) this.#inverse[i * size + i] = doubt;
  }
}
