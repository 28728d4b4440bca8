/** Colours without transparency. In place: a second copy of a large picture would not fit beside the first. */

/** SHOWN: what it covers, as diffusers' `load_image` has it. WHITE: laid on white, as it is looked at. */
export type Transparency = 'SHOWN' | 'WHITE';

/** The colours, whatever is said of how much of them shows. @param rgba 4 bytes a pixel, used up */
export function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  let to = 0;
  for (let from = 0; from < rgba.byteLength; from += 4) {
    rgba[to++] = rgba[from]!;
    rgba[to++] = rgba[from + 1]!;
    rgba[to++] = rgba[from + 2]!;
  }
  return new Uint8Array(rgba.buffer, rgba.byteOffset, to);
}

/** What is seen of them on white. @param rgba 4 bytes a pixel, not premultiplied, used up */
export function onWhite(rgba: Uint8ClampedArray): Uint8Array {
  let to = 0;
  for (let from = 0; from < rgba.byteLength; from += 4) {
    const alpha = rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++) rgba[to++] = seenOnWhite(rgba[from + channel]!, alpha);
  }
  return new Uint8Array(rgba.buffer, rgba.byteOffset, to);
}

/** @param value of a colour, 0 to 255 @param alpha how much of it shows, 0 to 255 */
export function seenOnWhite(value: number, alpha: number): number {
  return Math.round((value * alpha + 255 * (255 - alpha)) / 255);
}
