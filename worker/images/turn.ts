import type { Pixels } from '../../schema/context.ts';

/** What EXIF's numbers ask for: columns for rows first, then mirrored. */
const turns: Readonly<Record<number, { readonly swap?: true; readonly flipX?: true; readonly flipY?: true }>> = {
  2: { flipX: true },
  3: { flipX: true, flipY: true },
  4: { flipY: true },
  5: { swap: true },
  6: { swap: true, flipY: true },
  7: { swap: true, flipX: true, flipY: true },
  8: { swap: true, flipX: true },
};

/** A picture as it is meant to be looked at. @param orientation EXIF's, 1 to 8 */
export function turned(picture: Pixels, orientation: number): Pixels {
  const turn = turns[orientation];
  if (!turn) return picture;
  const { data, width: ownWidth, height: ownHeight } = picture;
  const [width, height] = turn.swap ? [ownHeight, ownWidth] : [ownWidth, ownHeight];
  const out = new Uint8Array(data.byteLength);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Where it comes from.
      const [column, row] = turn.swap ? [y, x] : [x, y];
      const from =
        ((turn.flipY ? ownHeight - 1 - row : row) * ownWidth + (turn.flipX ? ownWidth - 1 - column : column)) * 3;
      out[to++] = data[from]!;
      out[to++] = data[from + 1]!;
      out[to++] = data[from + 2]!;
    }
  }
  return { data: out, width, height };
}
