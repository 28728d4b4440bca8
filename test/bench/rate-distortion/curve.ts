/** One codec at one setting, over all pictures. */
export interface Point {
  readonly setting: string;
  /** Means over the pictures: of the files' sizes, PSNR in dB, and the cosine of the embeddings. */
  readonly bytes: number;
  readonly psnr: number;
  readonly similarity: number;
  /** Share of the pictures in which the judge finds every thing where it is. */
  readonly accuracy: number;
}

export interface Curve {
  readonly codec: string;
  readonly points: readonly Point[];
}

export type Measure = 'psnr' | 'similarity' | 'accuracy';

/**
 * What a codec reaches with so many bytes on average, linear between its settings: a codec that has nothing better for
 * more bytes keeps what it has.
 * @returns null where all its files are larger
 */
export function reached({ points }: Curve, measure: Measure, bytes: number): number | null {
  const front = frontOf(points, measure);
  const at = front.findLastIndex(point => point.bytes <= bytes);
  if (at < 0) return null;
  const [below, above] = [front[at]!, front[at + 1]];
  if (!above) return below[measure];
  const share = (bytes - below.bytes) / (above.bytes - below.bytes);
  return below[measure] + share * (above[measure] - below[measure]);
}

/** The settings that are better than all that take fewer bytes. */
export function frontOf(points: readonly Point[], measure: Measure): Point[] {
  const front: Point[] = [];
  for (const point of points.toSorted((a, b) => a.bytes - b.bytes)) {
    if (front.every(other => other[measure] < point[measure])) front.push(point);
  }
  return front;
}

/** Bytes from..to at which something holds, whole numbers. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Where `own` is better than `rival` by at least `margin`, among rates that both have files for.
 * @param most bytes
 */
export function stretchesAhead(own: Curve, rival: Curve, measure: Measure, margin: number, most: number): Stretch[] {
  const stretches: Stretch[] = [];
  let from: number | null = null;
  for (let bytes = 1; bytes <= most + 1; bytes++) {
    const [mine, its] = bytes > most ? [null, null] : [reached(own, measure, bytes), reached(rival, measure, bytes)];
    const ahead = mine !== null && its !== null && mine - its >= margin;
    if (ahead) from ??= bytes;
    else if (from !== null) {
      stretches.push({ from, to: bytes - 1 });
      from = null;
    }
  }
  return stretches;
}
