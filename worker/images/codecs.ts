/** Files from pixels. WebP and JPEG are WebAssembly, instantiated when first asked for. */
import mozjpeg from '@jsquash/jpeg/codec/enc/mozjpeg_enc.js';
import mozjpegWasm from '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm';
import { defaultOptions as jpegDefaults } from '@jsquash/jpeg/meta.js';
import libwebp from '@jsquash/webp/codec/enc/webp_enc_simd.js';
import libwebpWasm from '@jsquash/webp/codec/enc/webp_enc_simd.wasm';
import { defaultOptions as webpDefaults } from '@jsquash/webp/meta.js';
import type { ImageFormat, Pixels } from '../../schema/context.ts';
import { encodePng } from './png.ts';
import { type CodecFactory, instantiate } from './wasm-codec.ts';

export const fileTypes: Readonly<Record<ImageFormat, { readonly extension: string; readonly type: string }>> = {
  PNG: { extension: 'png', type: 'image/png' },
  WEBP: { extension: 'webp', type: 'image/webp' },
  JPEG: { extension: 'jpg', type: 'image/jpeg' },
};

/** Part of every image's ETag: raise it when the same pixels would give other bytes. */
export const codecsVersion = 1;

/** Of 1 to 100, where none is asked for. */
const usualQuality = 90;

/** @param quality of WebP and JPEG, 1 to 100 */
export async function encodeImage(
  { data, width, height }: Pixels,
  format: ImageFormat,
  quality = usualQuality,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (format) {
    case 'PNG':
      return encodePng(data, width, height);
    case 'WEBP':
      return (await webp()).encode(withAlpha(data), width, height, { ...webpDefaults, quality });
    case 'JPEG':
      return (await jpeg()).encode(withAlpha(data), width, height, { ...jpegDefaults, quality });
  }
}

interface Encoder {
  encode(rgba: Uint8ClampedArray, width: number, height: number, options: object): Uint8Array<ArrayBuffer> | null;
}
interface CheckedEncoder {
  encode(...args: Parameters<Encoder['encode']>): Uint8Array<ArrayBuffer>;
}

const webp = once(() => checked(libwebp, libwebpWasm));
const jpeg = once(() => checked(mozjpeg, mozjpegWasm));

async function checked(factory: CodecFactory<Encoder>, wasm: WebAssembly.Module): Promise<CheckedEncoder> {
  const encoder = await instantiate(factory, wasm);
  return {
    encode(...args) {
      const file = encoder.encode(...args);
      if (file === null) throw new Error('the encoder gave no file');
      // The result may be a view into the encoder's memory, which its next call overwrites.
      return file.slice();
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: T | undefined;
  // Not the promise but its value is kept: a Worker may not wait for what another request has begun.
  return async () => {
    made ??= await make();
    return made;
  };
}

function withAlpha(rgb: Uint8Array): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray((rgb.byteLength / 3) * 4).fill(255);
  for (let i = 0, j = 0; i < rgb.byteLength; i += 3, j += 4) {
    rgba[j] = rgb[i]!;
    rgba[j + 1] = rgb[i + 1]!;
    rgba[j + 2] = rgb[i + 2]!;
  }
  return rgba;
}
