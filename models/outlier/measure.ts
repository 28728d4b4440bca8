import { resize } from '../resize.ts';
import type { Tensor } from '../runtime.ts';

/** What files of measures call this one: numbers of one measure mean nothing to another. */
export const outlierMeasureName = 'block-means-against-thumbnail/1';

/** What 32 × 32 pixels keep of a picture is what a reconstruction's errors are held against. */
const thumbnailSide = 32;
/** Pixels a side of a block: what the encoder makes one latent pixel of. */
const blockSide = 8;
/** Of the blocks' errors, squared bytes: less is rounding. */
const reconstructionFloor = 1;
const thumbnailFloor = 10;
/** Of all blocks, by how wrong they are, the one that counts. */
const quantile = 0.9;

/**
 * How far off a reconstruction is, for a picture of its kind: more for what an autoencoder does not know. In blocks of 8 × 8
 * pixels, the squared error of the block's mean colour against the root of what a thumbnail is off by in that block,
 *
 *     (|mean(reconstruction − picture)|² + 1) / √(mean|thumbnail − picture|² + 10)
 *
 * of which the 90 % quantile over all blocks counts. The thumbnail is the picture by way of 32 × 32 pixels.
 *
 * @param picture `[height, width, 3] uint8`, as it was encoded: sides are multiples of 8
 * @param reconstruction what was decoded, of the same size
 * @throws RangeError when they are not such
 */
export function outlierMeasure(picture: Tensor<Uint8Array>, reconstruction: Tensor<Uint8Array>): number {
  const [height = 0, width = 0, channels] = picture.dims;
  const alike = picture.dims.every((side, i) => side === reconstruction.dims[i]);
  if (!alike || channels !== 3 || height < blockSide || height % blockSide || width < blockSide || width % blockSide) {
    throw new RangeError(`a picture [${picture.dims}] and its reconstruction [${reconstruction.dims}]`);
  }
  const thumbnail = resize(resize(picture, thumbnailSide, thumbnailSide), width, height);
  const measures: number[] = [];
  for (let top = 0; top < height; top += blockSide) {
    for (let left = 0; left < width; left += blockSide) {
      const own = blockErrors(picture, reconstruction, top, left).ofMean + reconstructionFloor;
      measures.push(own / Math.sqrt(blockErrors(picture, thumbnail, top, left).mean + thumbnailFloor));
    }
  }
  measures.sort((a, b) => a - b);
  return measures[Math.floor(quantile * (measures.length - 1))]!;
}

/** The squared error of a block's mean, and the mean squared error of its pixels; both are means over the channels. */
function blockErrors(picture: Tensor<Uint8Array>, other: Tensor<Uint8Array>, top: number, left: number) {
  const stride = 3 * picture.dims[1]!;
  const sums = [0, 0, 0];
  let squares = 0;
  for (let y = top; y < top + blockSide; y++) {
    for (let i = y * stride + 3 * left, channel = 0; i < y * stride + 3 * (left + blockSide); i++) {
      const off = other.data[i]! - picture.data[i]!;
      sums[channel] = sums[channel]! + off;
      squares += off * off;
      channel = channel === 2 ? 0 : channel + 1;
    }
  }
  const pixels = blockSide * blockSide;
  return { ofMean: sums.reduce((sum, each) => sum + (each / pixels) ** 2, 0) / 3, mean: squares / pixels / 3 };
}
