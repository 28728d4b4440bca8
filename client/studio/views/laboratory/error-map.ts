import type { Pixels } from '../../../../models/fit.ts';

/** Black, through the colours of something that glows, to white. */
const glow: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [70, 10, 40],
  [190, 35, 25],
  [255, 140, 20],
  [255, 225, 120],
  [255, 255, 255],
];

/**
 * Where two pictures differ, and how much: the largest difference of a pixel's three colours, as a glow.
 * @param gain a difference of 255 / gain is white
 * @throws RangeError for pictures of different sizes
 */
export function errorMap(a: Pixels, b: Pixels, gain: number): Pixels {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(`pictures of ${a.width}×${a.height} and ${b.width}×${b.height}`);
  }
  const data = new Uint8Array(a.data.length);
  for (let at = 0; at < data.length; at += 3) {
    let most = 0;
    for (let channel = at; channel < at + 3; channel++) {
      most = Math.max(most, Math.abs(a.data[channel]! - b.data[channel]!));
    }
    data.set(glowing(Math.min(1, (most * gain) / 255)), at);
  }
  return { data, width: a.width, height: a.height };
}

/** @param heat 0 to 1 */
function glowing(heat: number): [number, number, number] {
  const place = heat * (glow.length - 1);
  const below = Math.min(glow.length - 2, Math.floor(place));
  const [from, to] = [glow[below]!, glow[below + 1]!];
  const mixed = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * (place - below));
  return [mixed(0), mixed(1), mixed(2)];
}
