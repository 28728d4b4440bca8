/**
 * Whether a picture is like those that an autoencoder was trained on, by what it makes of it: what it does not know it gets
 * wrong. `models/outlier/measure.ts` says how wrong, `models/outlier/held-out.ts` where the numbers to compare with are from.
 */
import type { HeldOut } from './outlier/held-out.ts';

export type { HeldOut } from './outlier/held-out.ts';
export { outlierMeasure, outlierMeasureName } from './outlier/measure.ts';

export interface OutlierVerdict {
  /** 0..1: the quantile of the measure among those of the checkpoint's own held-out scenes. */
  readonly score: number;
  readonly outlier: boolean;
}

/**
 * @param measure what `outlierMeasure` says of a picture and its reconstruction
 * @param heldOut of the checkpoint that reconstructed it: its card has that
 *
 * @example
 * const verdict = card.heldOut && outlierVerdict(outlierMeasure(picture, reconstruction), card.heldOut);
 */
export function outlierVerdict(measure: number, { threshold, measures }: HeldOut): OutlierVerdict {
  const below = measures.filter(each => each < measure).length;
  const equal = measures.filter(each => each === measure).length;
  const score = (below + equal / 2) / measures.length;
  return { score, outlier: score > threshold };
}
