/** What a file says of its picture before anything is decoded. */
import { UnreadableImage } from './unreadable-image.ts';

export interface PictureFacts {
  readonly width: number;
  readonly height: number;
  /** EXIF's: 1 as it is, else how it is to be turned. */
  readonly orientation: number;
}

/** Pixels of a picture. Decoding takes about eight bytes for each, of the 128 MB that a Worker has for all its requests. */
export const mostPixels = 3072 * 2048;
/** Pixels of a side: no format but PNG goes far beyond. */
const mostSide = 16_384;

/** @throws UnreadableImage */
export function checkSize({ width, height }: Pick<PictureFacts, 'width' | 'height'>): void {
  if (width < 1 || height < 1) throw new UnreadableImage(`the picture has ${width}×${height} pixels`);
  if (width > mostSide || height > mostSide || width * height > mostPixels) {
    throw new UnreadableImage(
      `the picture has ${width}×${height} pixels: at most ${mostPixels} in all (3072×2048) and ${mostSide} a side. ` +
        'Scale it down: it is brought to the size of an image anyway',
    );
  }
}
