import type { Tensor } from '../runtime.ts';

/** What is wrong in one square block of pixels: means over its pixels and channels, in squared bytes. */
export interface BlockErrors {
  /** Of the reconstruction: mean |reconstruction − picture|². */
  readonly own: number;
  /** Of the thumbnail: mean |thumbnail − picture|². */
  readonly thumbnail: number;
  /** Of both alike: mean (reconstruction − picture)(thumbnail − picture); negative where one is too bright and one too dark. */
  readonly shared: number;
  /** Of the block's colour: |mean of (reconstruction − picture)|². */
  readonly colour: number;
}

/**
 * @param picture `[height, width, 3] uint8`, as the others are
 * @param side of the blocks, in pixels; those at the right and lower edge have what is left
 * @returns row by row
 */
export function blockErrors(
  picture: Tensor<Uint8Array>,
  reconstruction: Tensor<Uint8Array>,
  thumbnail: Tensor<Uint8Array>,
  side: number,
): BlockErrors[] {
  const [height, width] = picture.dims as [number, number, 3];
  const blocks: BlockErrors[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const [bottom, right] = [Math.min(top + side, height), Math.min(left + side, width)];
      let [own, thumb, shared] = [0, 0, 0];
      const colours = [0, 0, 0];
      for (let y = top; y < bottom; y++) {
        const end = 3 * (y * width + right);
        for (let i = 3 * (y * width + left), channel = 0; i < end; i++, channel = channel === 2 ? 0 : channel + 1) {
          const off = reconstruction.data[i]! - picture.data[i]!;
          const thumbOff = thumbnail.data[i]! - picture.data[i]!;
          own += off * off;
          thumb += thumbOff * thumbOff;
          shared += off * thumbOff;
          colours[channel] = colours[channel]! + off;
        }
      }
      const pixels = (bottom - top) * (right - left);
      const count = 3 * pixels;
      const colour = colours.reduce((sum, each) => sum + (each / pixels) ** 2, 0) / 3;
      blocks.push({ own: own / count, thumbnail: thumb / count, shared: shared / count, colour });
    }
  }
  return blocks;
}
