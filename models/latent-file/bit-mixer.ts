import { squash } from './arithmetic.ts';
import { type BinaryCoder, probabilityParts } from './range-coder.ts';

const rate = 0.006;
const furthest = 12;
const leastParts = 16;

/**
 * One probability from several: their log-odds, weighted, and the weights learn from every bit.
 * Source: Mahoney 2005, "Adaptive weighing of context models for lossless data compression", on logistic mixing.
 */
export class BitMixer {
  readonly #weights: Float64Array;

  constructor(weights: readonly number[]) {
    this.#weights = Float64Array.from(weights);
  }

  /** Codes a bit. @param odds log-odds of a one, as each prediction has them */
  code(coder: BinaryCoder, bit: boolean, odds: Float64Array): boolean {
    let sum = 0;
    for (let i = 0; i < odds.length; i++) sum += this.#weights[i]! * odds[i]!;
    const probability = squash(Math.min(furthest, Math.max(-furthest, sum)));
    const parts = Math.round(probability * probabilityParts);
    const coded = coder.code(bit, Math.min(probabilityParts - leastParts, Math.max(leastParts, parts)));
    const error = (coded ? 1 : 0) - probability;
    for (let i = 0; i < odds.length; i++) this.#weights[i]! += rate * error * odds[i]!;
    return coded;
  }
}
