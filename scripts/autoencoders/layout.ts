/** Pictures on transparent ground, so that a page of any colour shows through, as WebP. */
import sharp from 'sharp';

/** Pixels between pictures. */
const GAP = 8;

export interface Placed {
  readonly file: Uint8Array;
  /** Of its upper left corner. */
  readonly left: number;
  readonly top: number;
}

/** Row by row. @param side to which each is brought */
export function laidOut(rows: readonly (readonly Uint8Array[])[], side: number): Promise<Uint8Array> {
  const most = Math.max(...rows.map(files => files.length));
  const extent = (count: number) => count * side + (count - 1) * GAP;
  const placed = rows.flatMap((files, y) =>
    files.map((file, x) => ({ file, left: x * (side + GAP), top: y * (side + GAP) })),
  );
  return drawn(placed, side, extent(most), extent(rows.length));
}

/** Later ones lie on earlier ones. Each has a thin frame: some are as white as the page. */
export async function drawn(
  pictures: readonly Placed[],
  side: number,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const frame = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect x="0.5" y="0.5" width="${side - 1}" height="${side - 1}" fill="none" stroke="#808080" stroke-opacity="0.5"/></svg>`,
  );
  const framed = pictures.map(async ({ file, left, top }) => {
    const sized = await sharp(file).resize(side, side).png().toBuffer();
    return {
      input: await sharp(sized)
        .composite([{ input: frame }])
        .png()
        .toBuffer(),
      left,
      top,
    };
  });
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  return sharp({ create: { width, height, channels: 4, background } })
    .composite(await Promise.all(framed))
    .webp({ quality: 88, alphaQuality: 100, effort: 6, smartSubsample: true })
    .toBuffer();
}
