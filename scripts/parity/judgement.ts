import { type ByteDifference, compareBytes, isSamePicture } from './compare-bytes.ts';
import type { ParityResult } from './request.ts';

/** How a picture of Darkroom's is beside diffusers' own. */
export interface Judgement {
  readonly bytes: ByteDifference;
  /** How far the latents are from what diffusers finds in float64; null where the bytes are enough. */
  readonly distances: { readonly darkroom: number; readonly diffusers: number } | null;
  /**
   * `same`: the bytes are. `near`: they are not, but the latent is no farther from diffusers in float64 than twice what
   * diffusers itself is in float32. `off`: neither.
   */
  readonly verdict: 'same' | 'near' | 'off';
}

/** Of all pictures, how many may be only near. */
const nearAllowed = 0.05;
/** How many times as far from float64 as diffusers in float32 is still near. */
const farthest = 2;

/**
 * @param own Darkroom's
 * @param theirs diffusers' in float32
 * @param exact diffusers' latent in float64; null while the bytes may be enough
 */
export function judge(own: ParityResult, theirs: ParityResult, exact: ArrayLike<number> | null): Judgement {
  const bytes = compareBytes(own.pixels, theirs.pixels);
  if (isSamePicture(bytes)) return { bytes, distances: null, verdict: 'same' };
  if (!exact) return { bytes, distances: null, verdict: 'off' };
  const distances = { darkroom: distance(own.latent, exact), diffusers: distance(theirs.latent, exact) };
  const near = distances.darkroom <= farthest * distances.diffusers;
  return { bytes, distances, verdict: near ? 'near' : 'off' };
}

/** Whether pictures so judged are parity. */
export function isParity(judgements: readonly Judgement[]): boolean {
  const count = (verdict: Judgement['verdict']) => judgements.filter(each => each.verdict === verdict).length;
  return count('off') === 0 && count('near') <= nearAllowed * judgements.length;
}

/** √Σ (a − b)². NaN where there is one. @throws RangeError when there are not equally many numbers */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} numbers and ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
