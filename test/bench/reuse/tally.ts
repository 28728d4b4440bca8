/** How often something was so, with and without reuse, over the same pictures. */

export interface Tally {
  readonly count: number;
  /** Of pictures that went on from another prompt's steps. */
  readonly reused: number;
  /** Of the same, computed whole. */
  readonly whole: number;
}

/** @param pairs of each picture: with reuse, computed whole; null where the question does not arise */
export function tally(pairs: readonly (readonly [boolean | null, boolean | null])[]): Tally {
  const asked = pairs.filter(([reused, whole]) => reused !== null && whole !== null);
  return {
    count: asked.length,
    reused: asked.filter(([reused]) => reused).length,
    whole: asked.filter(([, whole]) => whole).length,
  };
}

/** In points of a hundred: what reuse adds. */
export function difference({ count, reused, whole }: Tally): number {
  return count === 0 ? 0 : (100 * (reused - whole)) / count;
}

export function shareText(part: number, count: number): string {
  return count === 0 ? 'none asked' : `${part} of ${count} (${((100 * part) / count).toFixed(1)} %)`;
}
