/** One font file: its glyphs and how far apart they stand. Source: OpenType specification 1.9. */
import { type CharacterMap, readCharacterMap } from './character-map.ts';
import { type Contour, Outlines } from './outlines.ts';
import { readWoff, tableOf } from './woff.ts';

export class Face {
  /** Of its units, as many as a font size has. */
  readonly unitsPerEm: number;
  /** How far it reaches above the baseline and below, in its units. */
  readonly ascent: number;
  readonly descent: number;
  readonly #characters: CharacterMap;
  readonly #outlines: Outlines;
  readonly #widths: DataView;
  readonly #widthCount: number;

  /** @param file WOFF, with TrueType outlines @throws RangeError for others */
  constructor(file: ArrayBuffer) {
    const tables = readWoff(file);
    const across = tableOf(tables, 'hhea');
    this.unitsPerEm = tableOf(tables, 'head').getUint16(18);
    this.ascent = across.getInt16(4);
    this.descent = -across.getInt16(6);
    this.#characters = readCharacterMap(tables);
    this.#outlines = new Outlines(tables);
    this.#widths = tableOf(tables, 'hmtx');
    this.#widthCount = across.getUint16(34);
  }

  /** Null for a character that it does not have. */
  glyph(codePoint: number): number | null {
    return this.#characters.get(codePoint) ?? null;
  }

  /** From one glyph to the next, in its units. */
  width(glyph: number): number {
    // The last ones all have the same, which is written once.
    return this.#widths.getUint16(4 * Math.min(glyph, this.#widthCount - 1));
  }

  contours(glyph: number): readonly Contour[] {
    return this.#outlines.of(glyph);
  }
}
