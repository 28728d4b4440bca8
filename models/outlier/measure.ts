import { resize } from '../resize.ts';
import type { Tensor } from '../runtime.ts';
import { type BlockErrors, blockErrors } from './block-errors.ts';

/** What files of measures call this one: numbers of one measure mean nothing to another. */
export const outlierMeasureName = 'coarse-errors-against-thumbnail/1';

/** What 32 × 32 pixels keep of a picture is what its reconstruction is held against. */
const thumbnailSide = 32;

/**
 * How far off a reconstruction is, for a picture of its kind: more for what an autoencoder does not know. All in it is the
 * reconstruction's error E and the thumbnail's error T (the picture by way of 32 × 32 pixels), in blocks of several sizes: see
 * `BlockErrors`. Two things give a strange picture away.
 *
 * **Coarse errors.** What was learnt goes wrong as a thumbnail does: detail is soft, and areas have their colours. Of what was
 * not, the colours of whole areas are off, more than its detail. With Q for a quantile over blocks of so many pixels a side, C for
 * the squared error of a block's mean colour, and ET for the mean product of both errors:
 *
 *       0.70 Q₇₅ log(C + 0.1)               of 32 pixels
 *     + 2.11 Q₉₇ log((C + 1) / √(T + 10))   of 4
 *     − 1.48 Q₉₇ log((E + 3) / (T + 30))    of 8
 *     − 1.06 Q₉₀ log((E + 30) / (T + 300))  of 8
 *     − 1.29 Q₉₀ ET / (T + 10)              of 32
 *
 * **No quiet place.** Most of a scene is background, where neither errs, and what errs lies together. Where both err alike
 * all over (shuffled tiles, noise), four times what this is above 8.4 is added, with M for the mean over blocks:
 *
 *       9.40 M ET / √((E + 1)(T + 1))       of 32
 *     + 3.56 Q₅₀ ET / √((E + 10)(T + 10))   of 8
 *     + 9.35 log((M₁₆ + 0.01) / (M₄ + 0.01)), M₁₆ and M₄ for M T / (T + 10) of 16 and of 4: how scattered it is
 *
 * The weights are linear discriminants (Fisher 1936) of 1,500 scenes against other pictures: of the first sum, icons of eight
 * sets; of the second, shuffled scenes.
 *
 * @param picture `[height, width, 3] uint8`, as it was encoded
 * @param reconstruction what was decoded, of the same size
 * @throws RangeError when they are not such
 */
export function outlierMeasure(picture: Tensor<Uint8Array>, reconstruction: Tensor<Uint8Array>): number {
  const [height = 0, width = 0, channels] = picture.dims;
  const alike = picture.dims.every((side, i) => side === reconstruction.dims[i]);
  if (!alike || channels !== 3 || height < 1 || width < 1) {
    throw new RangeError(`a picture [${picture.dims}] and its reconstruction [${reconstruction.dims}]`);
  }
  const thumbnail = resize(resize(picture, thumbnailSide, thumbnailSide), width, height);
  const [of4, of8, of16, of32] = [4, 8, 16, 32].map(side => blockErrors(picture, reconstruction, thumbnail, side)) as [
    BlockErrors[],
    BlockErrors[],
    BlockErrors[],
    BlockErrors[],
  ];
  const coarse =
    0.7 * quantile(0.75, of32, ({ colour }) => Math.log(colour + 0.1)) +
    2.11 * quantile(0.97, of4, ({ colour, thumbnail }) => Math.log((colour + 1) / Math.sqrt(thumbnail + 10))) -
    1.48 * quantile(0.97, of8, ({ own, thumbnail }) => Math.log((own + 3) / (thumbnail + 30))) -
    1.06 * quantile(0.9, of8, ({ own, thumbnail }) => Math.log((own + 30) / (thumbnail + 300))) -
    1.29 * quantile(0.9, of32, ({ shared, thumbnail }) => shared / (thumbnail + 10));
  const everywhere =
    9.4 * mean(of32, errors => likeness(errors, 1)) +
    3.56 * quantile(0.5, of8, errors => likeness(errors, 10)) +
    9.35 * Math.log((share(of16) + 0.01) / (share(of4) + 0.01));
  return coarse + 4 * Math.max(0, everywhere - 8.4);
}

/** How much alike both err, -1..1; errors below `floor` count little. */
function likeness({ own, thumbnail, shared }: BlockErrors, floor: number): number {
  return shared / Math.sqrt((own + floor) * (thumbnail + floor));
}

/** In how much of the picture a thumbnail errs, 0..1. */
function share(blocks: readonly BlockErrors[]): number {
  return mean(blocks, ({ thumbnail }) => thumbnail / (thumbnail + 10));
}

function mean(blocks: readonly BlockErrors[], value: (errors: BlockErrors) => number): number {
  return blocks.reduce((sum, errors) => sum + value(errors), 0) / blocks.length;
}

/** Between the two values it lies between, in proportion. */
function quantile(at: number, blocks: readonly BlockErrors[], value: (errors: BlockErrors) => number): number {
  const values = Float64Array.from(blocks, value).sort();
  const place = at * (values.length - 1);
  const [low, rest] = [Math.floor(place), place % 1];
  return values[low]! * (1 - rest) + (values[low + 1] ?? 0) * rest;
}
