/** The shapes of glyphs. Source: OpenType specification 1.9, "glyf" and "loca". */
import { type FontTables, tableOf } from './woff.ts';

/** In units of the font, y upwards. Those that are not on the curve are control points of quadratic Bézier curves. */
export interface OutlinePoint {
  readonly x: number;
  readonly y: number;
  readonly isOn: boolean;
}

/** Closed. Between two control points that follow each other, the point half-way is on the curve. */
export type Contour = readonly OutlinePoint[];

const pointFlags = { isOn: 1, shortX: 2, shortY: 4, repeats: 8, sameX: 16, sameY: 32 } as const;
const partFlags = { words: 1, offsets: 2, scale: 8, more: 32, scales: 64, matrix: 128 } as const;

/** A part of a part of a part: no font of ours goes so far. */
const mostNested = 8;

export class Outlines {
  readonly #glyf: DataView;
  readonly #loca: DataView;
  readonly #isLong: boolean;

  constructor(tables: FontTables) {
    this.#glyf = tableOf(tables, 'glyf');
    this.#loca = tableOf(tables, 'loca');
    this.#isLong = tableOf(tables, 'head').getInt16(50) === 1;
  }

  /** None for a glyph without ink, such as a space. */
  of(glyph: number, nested = 0): readonly Contour[] {
    const [begin, end] = [this.#place(glyph), this.#place(glyph + 1)];
    if (begin === end || nested > mostNested) return [];
    const count = this.#glyf.getInt16(begin);
    return count < 0 ? this.#parts(begin + 10, nested) : this.#contours(begin + 10, count);
  }

  #place(glyph: number): number {
    return this.#isLong ? this.#loca.getUint32(4 * glyph) : 2 * this.#loca.getUint16(2 * glyph);
  }

  #contours(at: number, count: number): Contour[] {
    const glyf = this.#glyf;
    const ends = Array.from({ length: count }, (_, i) => glyf.getUint16(at + 2 * i));
    const points = (ends.at(-1) ?? -1) + 1;
    const hints = at + 2 * count;
    let next = hints + 2 + glyf.getUint16(hints);
    const flags: number[] = [];
    while (flags.length < points) {
      const flag = glyf.getUint8(next++);
      const times = flag & pointFlags.repeats ? 1 + glyf.getUint8(next++) : 1;
      for (let i = 0; i < times; i++) flags.push(flag);
    }
    /** Each is written as its distance from the one before. */
    const coordinates = (short: number, same: number) => {
      let value = 0;
      return flags.map(flag => {
        if (flag & short) value += flag & same ? glyf.getUint8(next++) : -glyf.getUint8(next++);
        else if (!(flag & same)) {
          value += glyf.getInt16(next);
          next += 2;
        }
        return value;
      });
    };
    const xs = coordinates(pointFlags.shortX, pointFlags.sameX);
    const ys = coordinates(pointFlags.shortY, pointFlags.sameY);
    const all = flags.map((flag, i) => ({ x: xs[i]!, y: ys[i]!, isOn: Boolean(flag & pointFlags.isOn) }));
    return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1]! + 1, end + 1));
  }

  /** A glyph made of others, such as a letter and its accent: each moved, and perhaps scaled. */
  #parts(at: number, nested: number): Contour[] {
    const glyf = this.#glyf;
    const contours: Contour[] = [];
    for (let flags: number = partFlags.more; flags & partFlags.more; ) {
      flags = glyf.getUint16(at);
      const part = glyf.getUint16(at + 2);
      at += 4;
      const isMoved = Boolean(flags & partFlags.offsets);
      const words = Boolean(flags & partFlags.words);
      const read = (place: number) => (words ? glyf.getInt16(at + 2 * place) : glyf.getInt8(at + place));
      // Otherwise they say which points lie on each other, which fonts of today do not.
      const [moveX, moveY] = isMoved ? [read(0), read(1)] : [0, 0];
      at += words ? 4 : 2;
      const scales = flags & partFlags.matrix ? 4 : flags & partFlags.scales ? 2 : flags & partFlags.scale ? 1 : 0;
      const scale = Array.from({ length: scales }, (_, i) => glyf.getInt16(at + 2 * i) / 2 ** 14);
      at += 2 * scales;
      const [xx, xy, yx, yy] = matrixOf(scale);
      for (const contour of this.of(part, nested + 1)) {
        contours.push(
          contour.map(({ x, y, isOn }) => ({ x: xx * x + yx * y + moveX, y: xy * x + yy * y + moveY, isOn })),
        );
      }
    }
    return contours;
  }
}

/** None, one for both directions, one for each, or a whole matrix. */
function matrixOf(scale: readonly number[]): readonly [xx: number, xy: number, yx: number, yy: number] {
  const [first = 1, second = first] = scale;
  return scale.length === 4 ? [first, second, scale[2]!, scale[3]!] : [first, 0, 0, second];
}
