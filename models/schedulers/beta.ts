import { inverseIncompleteBeta } from './incomplete-beta.ts';

/**
 * Noise levels at evenly spaced quantiles of the Beta(0.6, 0.6) distribution: dense at both ends.
 * Source: Lee et al., "Beta sampling is all you need", 2024, section 4.
 */
export function betaSigmas(max: number, min: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const quantile = inverseIncompleteBeta(1 - i / Math.max(count - 1, 1), 0.6, 0.6);
    return min + quantile * (max - min);
  });
}
