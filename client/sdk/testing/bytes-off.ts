/** How far apart two pictures are. */
import type { Pixels } from '../in-browser/pixels.ts';

/** Without the opaqueness. */
export function rgbOf({ data }: Pick<Pixels, 'data'>): Uint8Array {
  return Uint8Array.from({ length: (data.length / 4) * 3 }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)]!);
}

/** The most that a byte is off, and how many of all are. @throws RangeError for pictures of different sizes */
export function bytesOff(a: Uint8Array, b: Uint8Array): { readonly most: number; readonly share: number } {
  if (a.length !== b.length) throw new RangeError(`${a.length} bytes and ${b.length}`);
  let [most, off] = [0, 0];
  for (const [i, value] of a.entries()) {
    const apart = Math.abs(value - b[i]!);
    most = Math.max(most, apart);
    if (apart > 0) off++;
  }
  return { most, share: off / a.length };
}
