/** Pictures from files that callers send. */
import mozjpeg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import mozjpegWasm from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
import libwebp from '@jsquash/webp/codec/dec/webp_dec.js';
import libwebpWasm from '@jsquash/webp/codec/dec/webp_dec.wasm';
import type { Pixels } from '../../schema/context.ts';
import { isJpeg, readJpegFacts } from './jpeg-file.ts';
import { onWhite, type Transparency, withoutAlpha } from './opaque-pixels.ts';
import type { PictureFacts } from './picture-facts.ts';
import { decodePng, isPng, readPngFile } from './png-file.ts';
import { turned } from './turn.ts';
import { UnreadableImage } from './unreadable-image.ts';
import { type CodecFactory, instantiate } from './wasm-codec.ts';
import { isWebp, readWebpFacts } from './webp-file.ts';

/**
 * The picture in a PNG, JPEG or WebP file: turned as its EXIF says, 8 bits of red, green and blue. What is too large, cut
 * off or moving is refused before anything is decoded.
 * @param transparency what becomes of what is transparent
 * @throws UnreadableImage
 */
export async function readPicture(file: Uint8Array, transparency: Transparency = 'SHOWN'): Promise<Pixels> {
  if (isPng(file)) {
    const png = readPngFile(file);
    return turned(decodePng(png, transparency), png.orientation);
  }
  if (isJpeg(file)) return decode('JPEG', mozjpeg, mozjpegWasm, [file, false], readJpegFacts(file), withoutAlpha);
  const opaque = transparency === 'WHITE' ? onWhite : withoutAlpha;
  if (isWebp(file)) return decode('WebP', libwebp, libwebpWasm, [file], readWebpFacts(file), opaque);
  throw new UnreadableImage(file.byteLength === 0 ? 'the file is empty' : 'the file is no PNG, JPEG or WebP');
}

/** For JPEG alone: whether to turn the picture as its EXIF says. WebP's takes nothing but the file. */
type Arguments = readonly [file: Uint8Array, turn?: boolean];

interface Decoder {
  decode(...given: Arguments): { readonly data: Uint8ClampedArray } | null;
}

/** An instance for each: its memory goes when it does, and none is used again that has failed. */
async function decode(
  name: string,
  factory: CodecFactory<Decoder>,
  wasm: WebAssembly.Module,
  given: Arguments,
  { width, height, orientation }: PictureFacts,
  opaque: (rgba: Uint8ClampedArray) => Uint8Array,
): Promise<Pixels> {
  const decoder = await instantiate(factory, wasm);
  let rgba: Uint8ClampedArray | undefined;
  try {
    rgba = decoder.decode(...given)?.data;
  } catch {
    // It has given up, by whatever its platform throws.
  }
  if (rgba?.byteLength !== width * height * 4) throw new UnreadableImage(`the ${name} is damaged`);
  return turned({ data: opaque(rgba), width, height }, orientation);
}
