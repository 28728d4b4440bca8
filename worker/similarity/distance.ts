/**
 * Root mean square difference of two latents of one shape, in units of their own standard deviation: that of all numbers
 * of the two taken together. 0 for a latent and itself, √2 for two that have nothing in common but how they are
 * distributed.
 */
export function distance(x: Float32Array, y: Float32Array): number {
  let [differences, sum, squares] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    differences += (x[i]! - y[i]!) ** 2;
    sum += x[i]! + y[i]!;
    squares += x[i]! ** 2 + y[i]! ** 2;
  }
  const mean = sum / (2 * x.length);
  const variance = squares / (2 * x.length) - mean ** 2;
  // Without variance there is no difference either.
  return differences === 0 ? 0 : Math.sqrt(differences / x.length / variance);
}
