/** PNG files: written from pixels, and given texts afterwards. Source: PNG specification, third edition (W3C). */
import { crc32 } from '../../models/latent-file/crc32.ts';
import { predictors } from './png-filters.ts';

export const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Where texts go: behind the header chunk. 8 bytes of signature, then a chunk of 13. */
const behindHeader = signature.byteLength + 12 + 13;

/**
 * An 8-bit RGB file.
 * @param rgb `[height, width, 3] uint8`
 */
export async function encodePng(rgb: Uint8Array, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  if (rgb.byteLength !== width * height * 3)
    throw new RangeError(`${rgb.byteLength} bytes for ${width}×${height} pixels`);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8);
  const data = await deflate(filterRows(rgb, width, height));
  return join([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
}

/** The same picture with texts, in the order given. @throws RangeError for what is not a PNG file */
export function withTexts(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  return withChunks(
    png,
    Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text)),
  );
}

/**
 * The same picture with an XMP packet, as the XMP specification has it: in an iTXt chunk of its own keyword, not compressed.
 * @throws RangeError for what is not a PNG file
 */
export function withXmp(png: Uint8Array, packet: Uint8Array): Uint8Array<ArrayBuffer> {
  return withChunks(png, [internationalText('XML:com.adobe.xmp', packet)]);
}

function withChunks(png: Uint8Array, chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (png.byteLength < behindHeader || signature.some((byte, i) => png[i] !== byte))
    throw new RangeError('not a PNG file');
  return join([png.subarray(0, behindHeader), ...chunks, png.subarray(behindHeader)]);
}

/** tEXt for ASCII, which every reader knows; else iTXt, for there are readers that take tEXt's Latin-1 for UTF-8. */
function textChunk(keyword: string, text: string): Uint8Array {
  if (/^[\t\n\x20-\x7e]*$/.test(text))
    return chunk('tEXt', join([latin1Bytes(keyword), Uint8Array.of(0), latin1Bytes(text)]));
  return internationalText(keyword, new TextEncoder().encode(text));
}

/** @param text UTF-8 */
function internationalText(keyword: string, text: Uint8Array): Uint8Array {
  // Keyword, end, not compressed, no method, no language, no translated keyword.
  return chunk('iTXt', join([latin1Bytes(keyword), new Uint8Array(5), text]));
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, char => char.charCodeAt(0));
}

/** Length, type, data, and the CRC of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.byteLength);
  bytes.set(latin1Bytes(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.byteLength, crc32(bytes.subarray(4, 8 + data.byteLength)));
  return bytes;
}

/** Every row with the filter that leaves the smallest numbers: the specification's own advice. */
function filterRows(rgb: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const stride = width * 3;
  const rows = new Uint8Array(height * (stride + 1));
  const candidate = new Uint8Array(stride);
  let above: Uint8Array = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const row = rgb.subarray(y * stride, (y + 1) * stride);
    const out = rows.subarray(y * (stride + 1), (y + 1) * (stride + 1));
    let least = Number.POSITIVE_INFINITY;
    for (const [filter, predict] of predictors.entries()) {
      let sum = 0;
      for (let x = 0; x < stride; x++) {
        const left = x < 3 ? 0 : row[x - 3]!;
        const aboveLeft = x < 3 ? 0 : above[x - 3]!;
        const difference = (row[x]! - predict(left, above[x]!, aboveLeft)) & 0xff;
        candidate[x] = difference;
        sum += difference < 128 ? difference : 256 - difference;
      }
      if (sum < least) {
        least = sum;
        out[0] = filter;
        out.set(candidate, 1);
      }
    }
    above = row;
  }
  return rows;
}

/** A zlib stream. */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Response(bytes).body!.pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
