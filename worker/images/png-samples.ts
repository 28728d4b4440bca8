import type { PngFile } from './png-file.ts';

/**
 * Writes a row's pixels as RGB: grey three times, a palette's colours, of 16 bits the higher 8. Alpha is left out.
 * @param row without its filter
 * @param columns how many pixels it has
 * @param at where the first goes in `rgb`
 * @param step from one to the next there
 */
export function readSamples(
  row: Uint8Array,
  columns: number,
  { bitDepth, colourType, palette }: Pick<PngFile, 'bitDepth' | 'colourType' | 'palette'>,
  rgb: Uint8Array,
  at: number,
  step: number,
): void {
  const bytes = bitDepth === 16 ? 2 : 1;
  const hasColours = colourType === 2 || colourType === 6;
  const samples = (hasColours ? 3 : 1) + (colourType >= 4 ? 1 : 0);
  const next = hasColours ? bytes : 0;
  // Grey of few bits is spread over all of the 256.
  const spread = 255 / (2 ** Math.min(bitDepth, 8) - 1);
  for (let i = 0, to = at; i < columns; i++, to += step) {
    if (colourType === 3) {
      const entry = 3 * packed(row, i, bitDepth);
      // Black where the palette has no such colour.
      for (let channel = 0; channel < 3; channel++) rgb[to + channel] = palette[entry + channel] ?? 0;
    } else if (bitDepth < 8) {
      rgb.fill(packed(row, i, bitDepth) * spread, to, to + 3);
    } else {
      const from = i * samples * bytes;
      rgb[to] = row[from]!;
      rgb[to + 1] = row[from + next]!;
      rgb[to + 2] = row[from + 2 * next]!;
    }
  }
}

/** Sample `i` of those that share bytes, the first in the highest bits. */
export function packed(row: Uint8Array, i: number, bits: number): number {
  const bit = i * bits;
  return (row[bit >> 3]! >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
}
