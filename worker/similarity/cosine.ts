/**
 * `x·y / (‖x‖ ‖y‖)` of two vectors of one length and a norm above zero, -1 to 1.
 *
 * Sums run in one order and in doubles, so that the same two vectors give the same number, to the bit, wherever and in
 * whichever order they are compared: a search and a comparison of two never disagree, and a cursor finds its place again.
 */
export function cosine(x: Float32Array, y: Float32Array): number {
  // One root of the product: that of a square is exact, so that a vector's cosine with itself is 1.
  const cosine = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  return Math.max(-1, Math.min(1, cosine));
}

/** Euclidean. */
export function norm(x: Float32Array): number {
  return Math.sqrt(dot(x, x));
}

/** In doubles: products of float32 neither overflow nor vanish there, and neither do products of two such sums. */
function dot(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}
