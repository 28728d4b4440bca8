/** Letters of one look, from several font files: the first that has a character draws it. */
import type { Face } from './face.ts';

/** Of every font, the glyph for what it does not have. */
const missing = 0;

export interface PlacedGlyph {
  readonly face: Face;
  readonly glyph: number;
  /** Where it begins, in pixels from the beginning of the text. */
  readonly x: number;
}

export class Typeface {
  readonly #faces: readonly [Face, ...Face[]];

  constructor(faces: readonly [Face, ...Face[]]) {
    this.#faces = faces;
  }

  /** The text's glyphs from left to right, without kerning. @param size pixels */
  place(text: string, size: number): { readonly glyphs: readonly PlacedGlyph[]; readonly width: number } {
    const glyphs: PlacedGlyph[] = [];
    let x = 0;
    for (const character of text) {
      const { face, glyph } = this.#find(character);
      glyphs.push({ face, glyph, x });
      x += (face.width(glyph) * size) / face.unitsPerEm;
    }
    return { glyphs, width: x };
  }

  /** Pixels. */
  width(text: string, size: number): number {
    return this.place(text, size).width;
  }

  /** How far it reaches above the baseline and below, in pixels. */
  extent(size: number): { readonly above: number; readonly below: number } {
    const [{ ascent, descent, unitsPerEm }] = this.#faces;
    return { above: (ascent * size) / unitsPerEm, below: (descent * size) / unitsPerEm };
  }

  #find(character: string): { readonly face: Face; readonly glyph: number } {
    const codePoint = character.codePointAt(0)!;
    for (const face of this.#faces) {
      const glyph = face.glyph(codePoint);
      if (glyph !== null) return { face, glyph };
    }
    return { face: this.#faces[0], glyph: missing };
  }
}
