/** How often the work was begun without getting any further, over all crashes. */
import type { GenerationState } from '../../schema/context.ts';

/** What kills whoever works on it so often will do so again. */
const mostAttempts = 8;

export interface Attempts {
  /** What there was when it was begun last. */
  readonly images: number;
  readonly step: number;
  readonly count: number;
}

/** @returns null where it was begun often enough */
export function oneMore(before: Attempts | undefined, { images, step }: GenerationState): Attempts | null {
  const isFurther = !before || images.length > before.images || step > before.step;
  const count = isFurther ? 1 : before.count + 1;
  return count > mostAttempts ? null : { images: images.length, step, count };
}
