/**
 * MT19937, the 32-bit Mersenne Twister.
 * Source: Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
 * generator", 1998; seeding as in their 2002 revision.
 */
const n = 624;
const m = 397;
const matrixA = 0x9908_b0df;
const upperBit = 0x8000_0000;
const lowerBits = 0x7fff_ffff;

export class MersenneTwister {
  readonly #state = new Uint32Array(n);
  #position = n;

  /** @param seed its low 32 bits count */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < n; i++) {
      const previous = state[i - 1]!;
      state[i] = Math.imul(previous ^ (previous >>> 30), 1_812_433_253) + i;
    }
  }

  /** The next draw, an integer in `[0, 2^32)`. */
  next(): number {
    if (this.#position === n) this.#twist();
    let y = this.#state[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let k = 0; k < n; k++) {
      const y = (state[k]! & upperBit) | (state[(k + 1) % n]! & lowerBits);
      state[k] = state[(k + m) % n]! ^ (y >>> 1) ^ (y & 1 ? matrixA : 0);
    }
    this.#position = 0;
  }
}
