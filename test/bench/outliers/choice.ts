import type { MersenneTwister } from '../../../models/noise/mersenne-twister.ts';

/** A whole number from `from` to `to`, both possible. */
export function whole(random: MersenneTwister, from: number, to: number): number {
  return from + Math.floor((random.next() / 2 ** 32) * (to - from + 1));
}

export function pick<Choice>(random: MersenneTwister, choices: readonly Choice[]): Choice {
  return choices[whole(random, 0, choices.length - 1)]!;
}
