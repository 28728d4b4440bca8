/**
 * Noise levels that are evenly spaced in λ = −log σ, as in Lu et al., "DPM-Solver: a fast ODE solver for diffusion
 * probabilistic model sampling", 2022, section 3.3. The endpoints are given by their logarithms.
 */
export function luSigmas(first: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.exp(first + (i / Math.max(count - 1, 1)) * (last - first)));
}
