import { stretch } from './arithmetic.ts';

const leastSlotBits = 10;
const mostSlotBits = 18;
const most = 20;
const states = 32;

/**
 * What bits followed in a context before: counts of zeros and ones for every context and every bit of the code, in a table
 * by hash. What a count of so many zeros and ones is worth is learned too, once for all contexts of one kind.
 * Source: Mahoney 2005, "Adaptive weighing of context models for lossless data compression", on nonstationary states and
 * adaptive probability maps.
 */
export class ContextHistory {
  readonly #slotBits: number;
  readonly #zeros: Uint8Array;
  readonly #ones: Uint8Array;
  /** Of a one, by counts of zeros and ones. */
  readonly #probabilities = Float64Array.from({ length: states * states }, (_, state) => {
    const zeros = Math.floor(state / states);
    const ones = state % states;
    return (ones + 0.4) / (zeros + ones + 0.8);
  });
  readonly #seen = new Uint32Array(states * states);
  #context = 0;
  #slot = 0;

  /** @param bits how many there will be: the more, the larger the table */
  constructor(bits: number) {
    this.#slotBits = Math.min(mostSlotBits, Math.max(leastSlotBits, 33 - Math.clz32(bits)));
    this.#zeros = new Uint8Array(1 << this.#slotBits);
    this.#ones = new Uint8Array(1 << this.#slotBits);
  }

  /** @param values whole numbers that make up the context of the code that comes */
  enter(values: readonly number[]): void {
    let hash = 1;
    for (const value of values) {
      hash = Math.imul(hash ^ (value + 7), 0x2c1b_3c6d);
      hash ^= hash >>> 13;
    }
    this.#context = hash;
  }

  /** @param node which bit of the code, and what came before it: @returns the logarithm of a one's odds, 0 if unknown */
  odds(node: number): number {
    let hash = Math.imul(this.#context ^ node, 0x9e37_79b1);
    hash ^= hash >>> 15;
    this.#slot = Math.imul(hash, 0x85eb_ca6b) >>> (32 - this.#slotBits);
    const state = this.#state();
    return state === 0 ? 0 : stretch(this.#probabilities[state]!);
  }

  /** What the bit was that `odds` was asked for last. */
  learn(bit: boolean): void {
    const state = this.#state();
    const seen = ++this.#seen[state]!;
    this.#probabilities[state]! += ((bit ? 1 : 0) - this.#probabilities[state]!) / (Math.min(seen, 200) + 10);
    const [same, other] = bit ? [this.#ones, this.#zeros] : [this.#zeros, this.#ones];
    if (same[this.#slot]! < most) same[this.#slot]!++;
    // What has changed is likely to stay so: most of what spoke for the other bit is forgotten.
    if (other[this.#slot]! > 2) other[this.#slot] = (other[this.#slot]! >> 1) + 1;
  }

  #state(): number {
    return this.#zeros[this.#slot]! * states + this.#ones[this.#slot]!;
  }
}
