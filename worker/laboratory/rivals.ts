/** The same picture by the usual codecs, in files of about the same size. */
import type { Pixels } from '../../schema/context.ts';
import type { CompressionRival } from '../../schema/laboratory-service.ts';
import { encodeImage } from '../images/codecs.ts';
import { readPicture } from '../images/read-picture.ts';
import { meanSquaredError, psnrOf } from './image-error.ts';

const codecs = [
  { codec: 'JPEG', format: 'JPEG' },
  { codec: 'WebP', format: 'WEBP' },
] as const;

/** @param bytes that each file should have: the best quality that has no more, or where the least has more, that one */
export async function rivalsOf(picture: Pixels, bytes: number): Promise<CompressionRival[]> {
  const rivals: CompressionRival[] = [];
  for (const { codec, format } of codecs) {
    const { quality, file } = await largestUpTo(bytes, quality => encodeImage(picture, format, quality));
    const psnr = psnrOf(meanSquaredError(picture, await readPicture(file)));
    rivals.push({ codec, quality, bytes: file.byteLength, psnr });
  }
  return rivals;
}

/** Files grow with their quality, by and large: the border is looked for by halves. */
async function largestUpTo(
  bytes: number,
  encode: (quality: number) => Promise<Uint8Array>,
): Promise<{ readonly quality: number; readonly file: Uint8Array }> {
  let best = { quality: 1, file: await encode(1) };
  let [low, high] = [2, 100];
  while (low <= high && best.file.byteLength <= bytes) {
    const quality = Math.floor((low + high) / 2);
    const file = await encode(quality);
    if (file.byteLength <= bytes) {
      best = { quality, file };
      low = quality + 1;
    } else high = quality - 1;
  }
  return best;
}
