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
 * not, the colours of whole areas are off, more than its detail. With Q for a quantile over blocks of so many pixels a side, and
 * C for the squared error of a block's mean colour:
 *
 *       0.71 Q₇₅ log(C + 0.1)            of 32 pixels
 *     + 1.85 Q₉₇ log((C + 1) / √(T + 10))   of 4
 *     − 1.52 Q₉₇ log((E + 3) / (T + 30))    of 8
 *     − 0.56 Q₉₀ log((E + 30) / (T + 300))  of 8
 *     − 1.03 Q₉₀ ET / (T + 10)          of 32, where ET is the mean product of both errors
 *
 * **No quiet place.** A quarter of any scene is background, where neither errs and the errors have nothing to do with each
 * other. Where even the quietest quarter errs as a thumbnail does (edges all over: shuffled tiles, noise), four times what this
 * is above 5.15 is added:
 *
 *       6.6 Q₂₅ ET / √((E + 1)(T + 1))      of 32
 *     − 1.12 Q₂₅ log((E⊥ + 0.1) / (T + 1))  of 16, where E⊥ is what is left of E without its part along T
 *     + 0.86 log((E + 0.1) / (T + 1))       of the whole picture
 *
 * The weights are linear discriminants (Fisher 1936) of 1,500 scenes against other pictures: of the first sum, icons of four sets
 * that `npm run bench:outliers` has none of; of the second, shuffled scenes. Both are in units of what scenes differ by.
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
  const of = (side: number) => blockErrors(picture, reconstruction, thumbnail, side);
  const [of4, of8, of16, of32] = [of(4), of(8), of(16), of(32)];
  const [whole] = of(Math.max(height, width)) as [BlockErrors];

  const coarse =
    0.71 * quantile(0.75, of32, ({ colour }) => Math.log(colour + 0.1)) +
    1.85 * quantile(0.97, of4, ({ colour, thumbnail }) => Math.log((colour + 1) / Math.sqrt(thumbnail + 10))) -
    1.52 * quantile(0.97, of8, ({ own, thumbnail }) => Math.log((own + 3) / (thumbnail + 30))) -
    0.56 * quantile(0.9, of8, ({ own, thumbnail }) => Math.log((own + 30) / (thumbnail + 300))) -
    1.03 * quantile(0.9, of32, ({ shared, thumbnail }) => shared / (thumbnail + 10));
  const restless =
    6.6 * quantile(0.25, of32, ({ own, thumbnail, shared }) => shared / Math.sqrt((own + 1) * (thumbnail + 1))) -
    1.12 * quantile(0.25, of16, errors => Math.log((apart(errors) + 0.1) / (errors.thumbnail + 1))) +
    0.86 * Math.log((whole.own + 0.1) / (whole.thumbnail + 1));
  return coarse + 4 * Math.max(0, restless - 5.15);
}

/** What is left of a reconstruction's error without its part along the thumbnail's. */
function apart({ own, thumbnail, shared }: BlockErrors): number {
  return thumbnail > 0 ? Math.max(0, own - shared ** 2 / thumbnail) : own;
}

/** Between the two values it lies between, in proportion. */
function quantile(at: number, blocks: readonly BlockErrors[], value: (errors: BlockErrors) => number): number {
  const values = Float64Array.from(blocks, value).sort();
  const place = at * (values.length - 1);
  const [low, rest] = [Math.floor(place), place % 1];
  return values[low]! * (1 - rest) + (values[low + 1] ?? 0) * rest;
}
