import type { Tensor } from '../../../models/runtime.ts';

/** A picture as a canvas takes it: `new ImageData(data, width, height)`. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, opaque: four bytes a pixel, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** @param picture `[1, height, width, 3] uint8` */
export function pixelsOf({ data, dims }: Tensor<Uint8Array>): Pixels {
  const [, height = 0, width = 0] = dims;
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgba[4 * pixel] = data[3 * pixel]!;
    rgba[4 * pixel + 1] = data[3 * pixel + 1]!;
    rgba[4 * pixel + 2] = data[3 * pixel + 2]!;
  }
  return { width, height, data: rgba };
}
