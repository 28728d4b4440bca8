import { minimise } from './minimise.ts';

/** Rows of numbers, all of the same length, and the class of each, from 0 on. */
export interface Labelled {
  readonly rows: readonly Float64Array[];
  readonly classes: readonly number[];
}

/**
 * Multinomial logistic regression: the score of a class is a weighted sum of the features and a bias, and the softmax of the
 * scores its probability. Trained to the lowest mean cross-entropy + `strength` / 2 · Σ weight² (biases are free), which is
 * one point: there is nothing random in it. Rows are first brought to mean 0 and, all together, to a mean squared length of
 * 1, so that the same strengths suit features of every kind.
 */
export class LinearClassifier {
  readonly #means: Float64Array;
  readonly #scale: number;
  /** `[classes, features + 1]`, biases last. */
  readonly #weights: Float64Array;
  readonly #classCount: number;

  private constructor(means: Float64Array, scale: number, weights: Float64Array, classCount: number) {
    this.#means = means;
    this.#scale = scale;
    this.#weights = weights;
    this.#classCount = classCount;
  }

  /** @param strength of the L2 penalty, above 0 */
  static train({ rows, classes }: Labelled, classCount: number, strength: number): LinearClassifier {
    const features = rows[0]!.length;
    const means = new Float64Array(features);
    for (const row of rows) for (let j = 0; j < features; j++) means[j]! += row[j]! / rows.length;
    let square = 0;
    for (const row of rows) for (let j = 0; j < features; j++) square += (row[j]! - means[j]!) ** 2 / rows.length;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 1;
    const inputs = rows.map(row => row.map((x, j) => (x - means[j]!) * scale));

    const width = features + 1;
    const weights = minimise((point, gradient) => {
      let loss = 0;
      for (let at = 0; at < point.length; at++) {
        const isBias = at % width === features;
        gradient[at] = isBias ? 0 : strength * point[at]!;
        if (!isBias) loss += (strength / 2) * point[at]! ** 2;
      }
      for (const [i, input] of inputs.entries()) {
        const probabilities = softmax(scores(point, input, classCount));
        loss -= Math.log(probabilities[classes[i]!]!) / inputs.length;
        for (let k = 0; k < classCount; k++) {
          const error = (probabilities[k]! - (k === classes[i] ? 1 : 0)) / inputs.length;
          for (let j = 0; j < features; j++) gradient[k * width + j]! += error * input[j]!;
          gradient[k * width + features]! += error;
        }
      }
      return loss;
    }, classCount * width);
    return new LinearClassifier(means, scale, weights, classCount);
  }

  /** Of each class; they add up to 1. */
  probabilities(row: Float64Array): number[] {
    const input = row.map((x, j) => (x - this.#means[j]!) * this.#scale);
    return softmax(scores(this.#weights, input, this.#classCount));
  }

  /** Mean of −log of the probability of what the rows are. */
  crossEntropy({ rows, classes }: Labelled): number {
    return rows.reduce((sum, row, i) => sum - Math.log(this.probabilities(row)[classes[i]!]!), 0) / rows.length;
  }

  /** How many of the rows it names rightly. */
  countRight({ rows, classes }: Labelled): number {
    return rows.filter((row, i) => {
      const found = this.probabilities(row);
      return found.indexOf(Math.max(...found)) === classes[i];
    }).length;
  }
}

/** Of each class, before the softmax. */
function scores(weights: Float64Array, input: Float64Array, classCount: number): number[] {
  const width = input.length + 1;
  return Array.from({ length: classCount }, (_, k) => {
    let score = weights[k * width + input.length]!;
    for (let j = 0; j < input.length; j++) score += weights[k * width + j]! * input[j]!;
    return score;
  });
}

function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const powers = values.map(value => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map(power => power / sum);
}
