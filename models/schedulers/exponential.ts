/** Noise levels that are evenly spaced in log σ. */
export function exponentialSigmas(max: number, min: number, count: number): number[] {
  const [first, last] = [Math.log(max), Math.log(min)];
  return Array.from({ length: count }, (_, i) => Math.exp(first + (i / Math.max(count - 1, 1)) * (last - first)));
}
