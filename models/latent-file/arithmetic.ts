/**
 * What the entropy coder computes probabilities with. Encoder and decoder may run on different machines and must agree to
 * the last bit, so nothing here is left to a machine: only + - * / of doubles, which IEEE 754 rounds in one way, where
 * `Math.exp`, `Math.log` and `Math.sqrt` may differ from one engine to another.
 */

const halvings = 10;

/** About e^x, for x of -700 to 700: (1 + x/1024)^1024 for small x. */
export function exponential(x: number): number {
  let power = 1 + x / 2 ** halvings;
  if (power <= 0) return 0;
  for (let i = 0; i < halvings; i++) power *= power;
  return power;
}

/** The logistic function 1 / (1 + e^-x). */
export function squash(x: number): number {
  if (x < 0) return 1 - squash(-x);
  return 1 / (1 + exponential(-x));
}

const steps = 4096;
const furthest = 12;

/** Inverse of `squash` at i / 4096: found by halving, since there is no logarithm. */
const stretched = Float64Array.from({ length: steps + 1 }, (_, i) => {
  let low = -furthest;
  let high = furthest;
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (squash(middle) < i / steps) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
});

/** Inverse of `squash`, linear between 4,097 points: the logarithm of the odds of a probability. */
export function stretch(probability: number): number {
  const place = probability * steps;
  const below = Math.min(steps - 1, Math.max(0, Math.floor(place)));
  return stretched[below]! + (stretched[below + 1]! - stretched[below]!) * (place - below);
}

/** By Newton's method: to about the last bit for 0 to 1e300. */
export function squareRoot(x: number): number {
  if (x <= 0) return 0;
  let root = 1;
  // First within a factor of 2, so that few steps do.
  while (root * root < x) root *= 2;
  while (root * root > 4 * x) root /= 2;
  for (let i = 0; i < 6; i++) root = (root + x / root) / 2;
  return root;
}
