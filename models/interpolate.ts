import type { FloatTensor } from './runtime.ts';

/** Beyond this cosine two latents are as good as parallel, and the angle between them says nothing. */
const parallel = 0.9995;

/**
 * Spherical interpolation: the point `t` of the way from one latent to another, along the great arc on which latents of
 * their length lie. Halfway between two latents of noise is again a latent of noise; the mean of the two would be too weak,
 * and decode to something grey. Each is taken as one vector, batch and all.
 *
 * Source: Shoemake 1985, "Animating rotation with quaternion curves"; White 2016, "Sampling generative networks",
 * https://arxiv.org/abs/1609.04468, for latents.
 *
 * @param from any shape, float32
 * @param to of the same shape
 * @param t 0 gives `from`, 1 gives `to`
 * @throws RangeError for other shapes
 */
export function slerp(from: FloatTensor, to: FloatTensor, t: number): FloatTensor {
  if (from.dims.join() !== to.dims.join()) throw new RangeError(`latents [${from.dims}] and [${to.dims}]`);
  const cosine = cosineOf(from.data, to.data);
  let [a, b] = [1 - t, t];
  if (Math.abs(cosine) < parallel) {
    // ω
    const angle = Math.acos(cosine);
    [a, b] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  }
  return { data: from.data.map((value, i) => a * value + b * to.data[i]!), dims: from.dims };
}

/** 1 where one of the two is nothing but zeros: then there is no arc. */
function cosineOf(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i]!;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 1 : dot / Math.sqrt(aa * bb);
}
