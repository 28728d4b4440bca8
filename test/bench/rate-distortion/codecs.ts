/** The codecs that stand beside `.dklat`: each as good as sharp makes it for small files. */
import sharp, { type Sharp } from 'sharp';
import { side } from './held-out.ts';

export interface Coded {
  readonly bytes: number;
  /** What the file decodes to, `[128, 128, 3] uint8` */
  readonly pixels: Uint8Array;
}

export interface Setting {
  /** As the table has it. */
  readonly name: string;
  readonly code: (pixels: Uint8Array) => Promise<Coded>;
}

export interface Codec {
  readonly name: string;
  /** From small files to large ones. */
  readonly settings: readonly Setting[];
}

function setting(name: string, encode: (picture: Sharp) => Sharp): Setting {
  return {
    name,
    code: async pixels => {
      const file = await encode(sharp(pixels, { raw: { width: side, height: side, channels: 3 } })).toBuffer();
      const decoded = sharp(file).resize(side, side, { kernel: 'lanczos3' }).removeAlpha();
      return { bytes: file.byteLength, pixels: new Uint8Array(await decoded.raw().toBuffer()) };
    },
  };
}

const jpeg = (quality: number) =>
  setting(`quality ${quality}`, picture => picture.jpeg({ quality, optimiseCoding: true }));
const mozjpeg = (quality: number, chromaSubsampling: '4:2:0' | '4:4:4' = '4:2:0') =>
  setting(`quality ${quality}, ${chromaSubsampling}, trellis`, picture =>
    picture.jpeg({ quality, mozjpeg: true, chromaSubsampling }),
  );
const webp = (quality: number, smartSubsample = true) =>
  setting(`quality ${quality}${smartSubsample ? ', sharp YUV' : ''}`, picture =>
    picture.webp({ quality, effort: 6, smartSubsample }),
  );
const halfWebp = (quality: number) =>
  setting(`quality ${quality}`, picture =>
    picture.resize(side / 2, side / 2, { kernel: 'lanczos3' }).webp({ quality, effort: 6 }),
  );
const avif = (quality: number, chromaSubsampling: '4:2:0' | '4:4:4' = '4:4:4') =>
  setting(`quality ${quality}, ${chromaSubsampling}`, picture => picture.avif({ quality, chromaSubsampling }));

export const rivals: readonly Codec[] = [
  {
    name: 'JPEG',
    settings: [
      ...[1, 4].map(quality => jpeg(quality)),
      ...[8, 12, 16, 20, 25, 30].map(quality => mozjpeg(quality)),
      ...[8, 12, 16, 20].map(quality => mozjpeg(quality, '4:4:4')),
    ],
  },
  { name: 'WebP', settings: [webp(1, false), ...[1, 8, 16, 25, 40, 60].map(quality => webp(quality))] },
  { name: 'WebP, half size', settings: [1, 10, 30, 50, 75, 90].map(quality => halfWebp(quality)) },
  { name: 'AVIF', settings: [avif(1, '4:2:0'), ...[1, 10, 20, 30].map(quality => avif(quality))] },
];
