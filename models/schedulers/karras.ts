/**
 * Noise levels that are evenly spaced in σ^(1/ρ), ρ = 7.
 * Source: Karras et al., "Elucidating the design space of diffusion-based generative models", 2022, equation 5.
 */
export function karrasSigmas(max: number, min: number, count: number): number[] {
  const rho = 7;
  const [first, last] = [max ** (1 / rho), min ** (1 / rho)];
  return Array.from({ length: count }, (_, i) => (first + (i / Math.max(count - 1, 1)) * (last - first)) ** rho);
}
