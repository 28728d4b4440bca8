const ROUNDS = 500;

/**
 * Moves squares apart that lie on each other, as little as that takes: two that overlap are pushed along the axis on which
 * they do so less, half of the way each, until none does or for {@link ROUNDS} rounds.
 * @param places of their upper left corners, between 0 and `extent` − `side`; stay there
 */
export function apart(
  places: readonly (readonly [number, number])[],
  side: number,
  extent: number,
): [number, number][] {
  const moved = places.map(([x, y]): [number, number] => [x, y]);
  const inside = (at: number) => Math.min(extent - side, Math.max(0, at));
  for (let round = 0, isMoving = true; isMoving && round < ROUNDS; round++) {
    isMoving = false;
    for (const [i, a] of moved.entries()) {
      for (const b of moved.slice(0, i)) {
        const overlaps = [0, 1].map(axis => side - Math.abs(a[axis]! - b[axis]!));
        if (Math.min(...overlaps) < 0.5) continue;
        isMoving = true;
        const axis = overlaps[0]! < overlaps[1]! ? 0 : 1;
        const push = ((a[axis] < b[axis] ? -1 : 1) * overlaps[axis]!) / 2;
        a[axis] = inside(a[axis] + push);
        b[axis] = inside(b[axis] - push);
      }
    }
  }
  return moved;
}
