import { seenOnWhite } from './opaque-pixels.ts';
import type { PngFile } from './png-file.ts';
import { packed } from './png-samples.ts';

/**
 * Lays a row's pixels on white, as far as they are transparent: by alpha samples, by the palette's `tRNS`, or as the one
 * colour that `tRNS` names. Parameters as `readSamples` has them, which has written the colours to `rgb`.
 */
export function layOnWhite(
  row: Uint8Array,
  columns: number,
  file: Pick<PngFile, 'bitDepth' | 'colourType' | 'transparency'>,
  rgb: Uint8Array,
  at: number,
  step: number,
): void {
  const alphaOf = alphas(row, file);
  if (!alphaOf) return;
  for (let i = 0, to = at; i < columns; i++, to += step) {
    const alpha = alphaOf(i);
    for (let channel = to; channel < to + 3; channel++) rgb[channel] = seenOnWhite(rgb[channel]!, alpha);
  }
}

/** How much shows of pixel `i`, 0 to 255; null where all of them do. */
function alphas(
  row: Uint8Array,
  { bitDepth, colourType, transparency }: Pick<PngFile, 'bitDepth' | 'colourType' | 'transparency'>,
): ((i: number) => number) | null {
  const bytes = bitDepth === 16 ? 2 : 1;
  // Of 16 bits the higher 8, as of the colours.
  if (colourType === 4) return i => row[(2 * i + 1) * bytes]!;
  if (colourType === 6) return i => row[(4 * i + 3) * bytes]!;
  if (transparency.byteLength === 0) return null;
  if (colourType === 3) return i => transparency[packed(row, i, bitDepth)] ?? 255;
  const samples = colourType === 2 ? 3 : 1;
  if (transparency.byteLength < 2 * samples) return null;
  const named = Array.from({ length: samples }, (_, k) => (transparency[2 * k]! << 8) | transparency[2 * k + 1]!);
  const sample = (index: number) => {
    if (bitDepth === 16) return (row[2 * index]! << 8) | row[2 * index + 1]!;
    return bitDepth === 8 ? row[index]! : packed(row, index, bitDepth);
  };
  return i => (named.every((value, k) => value === sample(i * samples + k)) ? 0 : 255);
}
