import type { CheckpointCard } from '../wire/card.ts';

/** The most images of one generation, whatever its checkpoint says: what one costs must be known before it is read. */
export const MOST_IMAGES = 16;

/** The most images of one generation with this checkpoint. */
export function mostImagesOf({ limits }: CheckpointCard): number {
  return Math.min(limits.maxCount, MOST_IMAGES);
}
