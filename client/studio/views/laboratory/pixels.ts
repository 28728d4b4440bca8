/** Pictures as numbers, in the browser. */
import { fitted, type Pixels } from '../../../../models/fit.ts';
import { Advice } from '../../errors.ts';

/**
 * A picture laid on white, turned as its EXIF says: as the server reads it.
 * @throws Advice where the browser cannot read it
 */
export async function readPixels(file: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Advice('This file is no picture that the browser can read.');
  });
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { data: withoutAlpha(context.getImageData(0, 0, width, height).data), width, height };
  } finally {
    bitmap.close();
  }
}

/** The same at a checkpoint's own size, as the server fits it: the largest part from the middle, scaled by Lanczos' filter. */
export async function readFitted(file: Blob, width: number, height: number): Promise<Pixels> {
  return fitted(await readPixels(file), width, height);
}

/** What a canvas draws. */
export function imageDataOf({ data, width, height }: Pixels): ImageData {
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    image.data.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  return image;
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return rgb;
}
