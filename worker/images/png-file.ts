/** Reads a PNG file: sizes first, so that nothing is inflated for a picture that is too large. Source: PNG, third edition (W3C). */
import { crc32 } from '../../models/latent-file/crc32.ts';
import type { Pixels } from '../../schema/context.ts';
import { orientationOf } from './exif.ts';
import { InflatingReader } from './inflate.ts';
import type { Transparency } from './opaque-pixels.ts';
import { checkSize, type PictureFacts } from './picture-facts.ts';
import { signature } from './png.ts';
import { layOnWhite } from './png-alpha.ts';
import { unfilter } from './png-filters.ts';
import { readSamples } from './png-samples.ts';
import { UnreadableImage } from './unreadable-image.ts';

/** What is in a file, not yet inflated. */
export interface PngFile extends PictureFacts {
  readonly bitDepth: number;
  readonly colourType: ColourType;
  readonly interlaced: boolean;
  /** `[entries, 3]`, empty where there is none. */
  readonly palette: Uint8Array;
  /** What `tRNS` says: how much shows of each entry of the palette, or which colour does not; empty where there is none. */
  readonly transparency: Uint8Array;
  readonly data: readonly Uint8Array[];
}

/** Samples of a pixel and their widths, by colour type. */
const colourTypes = {
  0: { samples: 1, bitDepths: [1, 2, 4, 8, 16] }, // grey
  2: { samples: 3, bitDepths: [8, 16] }, // RGB
  3: { samples: 1, bitDepths: [1, 2, 4, 8] }, // palette
  4: { samples: 2, bitDepths: [8, 16] }, // grey and alpha
  6: { samples: 4, bitDepths: [8, 16] }, // RGB and alpha
} as const;
export type ColourType = keyof typeof colourTypes;

/** Adam7's seven pictures of the picture: where each begins, and its steps. */
const adam7 = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
] as const;

export function isPng(file: Uint8Array): boolean {
  return signature.every((byte, i) => file[i] === byte);
}

/** Its chunks, checked. Of an animated one, what there is for who cannot show it. @throws UnreadableImage */
export function readPngFile(file: Uint8Array): PngFile {
  let header: PngHeader | null = null;
  let palette = new Uint8Array(0);
  let transparency = new Uint8Array(0);
  let orientation = 1;
  const data: Uint8Array[] = [];
  for (const { name, body } of chunks(file)) {
    if (name === 'IHDR') header ??= readHeader(body);
    else if (!header) throw new UnreadableImage('the PNG is damaged: it does not begin with its header');
    else if (name === 'PLTE') palette = new Uint8Array(body);
    else if (name === 'tRNS') transparency = new Uint8Array(body);
    else if (name === 'IDAT') data.push(body);
    else if (name === 'eXIf') orientation = orientationOf(body);
    else if (name === 'IEND') break;
  }
  if (!header || data.length === 0) throw new UnreadableImage('the PNG has no picture in it');
  if (header.colourType === 3 && palette.byteLength < 3) throw new UnreadableImage('the PNG lacks its palette');
  return { ...header, palette, transparency, orientation, data };
}

/** The picture's colours; with WHITE, what is seen of them on white. @throws UnreadableImage */
export function decodePng(file: PngFile, transparency: Transparency = 'SHOWN'): Pixels {
  const { width, height, bitDepth, colourType, interlaced } = file;
  const pixelBits = colourTypes[colourType].samples * bitDepth;
  const rgb = new Uint8Array(width * height * 3);
  const reader = new InflatingReader(file.data);
  for (const { x, y, stepX, stepY } of interlaced ? adam7 : [{ x: 0, y: 0, stepX: 1, stepY: 1 }]) {
    const columns = Math.ceil((width - x) / stepX);
    if (columns < 1) continue;
    let [above, row] = [0, 0].map(() => new Uint8Array(1 + Math.ceil((columns * pixelBits) / 8))) as [
      Uint8Array,
      Uint8Array,
    ];
    for (let line = y; line < height; line += stepY) {
      fill(reader, row);
      if (!unfilter(row, above, Math.max(1, pixelBits / 8))) {
        throw new UnreadableImage('the PNG is damaged: a row of no filter');
      }
      const at = (line * width + x) * 3;
      readSamples(row.subarray(1), columns, file, rgb, at, stepX * 3);
      if (transparency === 'WHITE') layOnWhite(row.subarray(1), columns, file, rgb, at, stepX * 3);
      [above, row] = [row, above];
    }
  }
  return { data: rgb, width, height };
}

function fill(reader: InflatingReader, row: Uint8Array): void {
  let isWhole: boolean;
  try {
    isWhole = reader.fill(row);
  } catch {
    throw new UnreadableImage('the PNG is damaged: its data cannot be inflated');
  }
  if (!isWhole) throw new UnreadableImage('the PNG ends early');
}

/** @throws UnreadableImage where one is cut off, or is not what it was when it was written */
function* chunks(file: Uint8Array): Generator<{ name: string; body: Uint8Array }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = signature.byteLength; ; ) {
    const length = at + 12 <= file.byteLength ? view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (at + 12 + length > file.byteLength) throw new UnreadableImage('the PNG ends early');
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw new UnreadableImage(`the PNG is damaged: ${JSON.stringify(name)} is not what it was`);
    }
    yield { name, body: file.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

type PngHeader = Omit<PngFile, 'palette' | 'transparency' | 'data' | 'orientation'>;

function readHeader(body: Uint8Array): PngHeader {
  if (body.byteLength !== 13) throw new UnreadableImage('the PNG is damaged: its header has another length');
  const view = new DataView(body.buffer, body.byteOffset, 13);
  const [bitDepth, colourType, compression, filtering, interlacing] = body.subarray(8) as unknown as number[];
  const known = colourTypes[colourType as ColourType] as { readonly bitDepths: readonly number[] } | undefined;
  if (!known?.bitDepths.includes(bitDepth!) || compression !== 0 || filtering !== 0 || interlacing! > 1) {
    throw new UnreadableImage('the PNG is of a kind that does not exist');
  }
  const size = { width: view.getUint32(0), height: view.getUint32(4) };
  checkSize(size);
  return {
    ...size,
    bitDepth: bitDepth!,
    colourType: colourType as ColourType,
    interlaced: interlacing === 1,
  };
}
