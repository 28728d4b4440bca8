/** Which glyph stands for which character. Source: OpenType specification 1.9, "cmap", format 4: segments of the first plane. */
import { type FontTables, tableOf } from './woff.ts';

/** Glyphs by code points. */
export type CharacterMap = ReadonlyMap<number, number>;

/** @throws RangeError for a font that has its map in other formats alone */
export function readCharacterMap(tables: FontTables): CharacterMap {
  const cmap = tableOf(tables, 'cmap');
  const count = cmap.getUint16(2);
  for (let i = 0; i < count; i++) {
    const at = cmap.getUint32(4 + 8 * i + 4);
    if (cmap.getUint16(at) === 4) return readSegments(cmap, at);
  }
  throw new RangeError('the font has no character map of format 4');
}

function readSegments(cmap: DataView, at: number): CharacterMap {
  const bytes = cmap.getUint16(at + 6);
  const map = new Map<number, number>();
  for (let segment = 0; segment < bytes; segment += 2) {
    const ends = at + 14 + segment;
    // Between the ends and the starts there are two bytes of filling.
    const starts = ends + bytes + 2;
    const deltas = starts + bytes;
    const offsets = deltas + bytes;
    const [start, end, delta, offset] = [starts, ends, deltas, offsets].map(place => cmap.getUint16(place)) as [
      ...[number, number, number, number],
    ];
    for (let code = start; code <= end && code < 0xffff; code++) {
      // An offset counts from where it is written.
      const listed = offset === 0 ? code : cmap.getUint16(offsets + offset + 2 * (code - start));
      const glyph = listed === 0 && offset !== 0 ? 0 : (listed + delta) & 0xffff;
      if (glyph !== 0) map.set(code, glyph);
    }
  }
  return map;
}
