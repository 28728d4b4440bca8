import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { MersenneTwister } from '../../../models/noise/mersenne-twister.ts';
import type { Picture } from '../../../scripts/outliers/measure-pictures.ts';
import { pick, whole } from './choice.ts';

/**
 * Icons in colour that nobody trained on, each set drawn by other people. Their licences: CC BY 4.0, CC BY-SA 4.0, MIT, MIT; they
 * are drawn to be measured, and nothing of them is handed on.
 */
export const iconSets = ['twemoji', 'openmoji', 'fluent-emoji-flat', 'flat-color-icons'] as const;

/** One face in six colours of skin counts once, and flags are stripes. */
const leftOut = /(^|-)(skin-tone|light|medium|dark|flag)(-|$)/;

/** What Iconify has in an `icons.json`: pieces of SVG, with a side of their own or the set's. */
interface Icons {
  readonly width: number;
  readonly height: number;
  readonly icons: Readonly<
    Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>
  >;
}

/** As the data has its things: sides in pixels, and how far from the middle, for one and for two. */
const alone = { sides: [84, 92, 100], centres: [[64, 64]], jitter: [6, 6] } as const;
const left = {
  sides: [52, 58],
  centres: [
    [33, 64],
    [95, 64],
  ],
  jitter: [3, 8],
} as const;
const above = {
  sides: [52, 58],
  centres: [
    [64, 33],
    [64, 95],
  ],
  jitter: [8, 3],
} as const;

/**
 * One icon or two in turns, placed as the data's things are, on the backgrounds of pictures of the data.
 * @param grounds `[128, 128, 3]` each: the colour of the first pixel is taken
 */
export async function iconPictures(set: (typeof iconSets)[number], grounds: readonly Picture[]): Promise<Picture[]> {
  const file = createRequire(import.meta.url).resolve(`@iconify-json/${set}/icons.json`);
  const icons = JSON.parse(readFileSync(file, 'utf8')) as Icons;
  const names = Object.keys(icons.icons).filter(name => !leftOut.test(name));
  const random = new MersenneTwister(1);
  const pictures: Picture[] = [];
  for (const [i, { data: ground, dims }] of grounds.entries()) {
    const { sides, centres, jitter } = i % 2 === 0 ? alone : pick(random, [left, above]);
    const placed = centres.map(async ([x, y]) => {
      const side = pick<number>(random, sides);
      const at = [x + whole(random, -jitter[0], jitter[0]), y + whole(random, -jitter[1], jitter[1])] as const;
      const input = await drawn(icons, pick(random, names), side);
      return { input, left: Math.round(at[0] - side / 2), top: Math.round(at[1] - side / 2) };
    });
    const [height, width] = dims as [number, number];
    const background = { r: ground[0]!, g: ground[1]!, b: ground[2]! };
    const picture = sharp({ create: { width, height, channels: 3, background } }).composite(await Promise.all(placed));
    pictures.push({ data: new Uint8Array(await picture.removeAlpha().raw().toBuffer()), dims });
  }
  return pictures;
}

/** What there is of an icon, its longer side `side` pixels, in the middle of a transparent square: a PNG. */
async function drawn({ icons, ...own }: Icons, name: string, side: number): Promise<Buffer> {
  const { body, width = own.width, height = own.height } = icons[name]!;
  const [wide, high] = [width, height].map(length => Math.round((256 * length) / Math.max(width, height)));
  const opening = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${width} ${height}">`;
  const trimmed = await sharp(Buffer.from(`${opening}${body}</svg>`))
    .trim()
    .png()
    .toBuffer();
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  return sharp(trimmed).resize(side, side, { fit: 'contain', background }).png().toBuffer();
}
