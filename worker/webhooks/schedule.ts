/** When to try again: soon, in case it was a hiccup, then ever less often for about a day. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What passes before the first attempt, the second, and so on. */
const delays = [
  0,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
  8 * hour,
];

/** So that what failed together is not tried again together, delays are up to a tenth longer. */
const mostJitter = 0.1;

/**
 * Milliseconds until the next attempt; null when there were enough.
 * @param attempts how many there were, all of them failed
 * @param random from 0 to 1, such as `Math.random()`
 */
export function nextAttemptAfter(attempts: number, random: number): number | null {
  const delay = delays[attempts];
  return delay === undefined ? null : Math.round(delay * (1 + mostJitter * random));
}
