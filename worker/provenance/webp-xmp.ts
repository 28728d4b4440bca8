/** Source: the WebP container specification, extended file format. */
import { isWebp, readWebpFacts } from '../images/webp-file.ts';

const riffHeader = 12;
const chunkHeader = 8;
const extendedBytes = 10;
const flags = { xmp: 0x04, alpha: 0x10 } as const;

/**
 * The same picture with an XMP packet, in the extended format.
 * @param webp of the simple format, as encoders write it: one chunk
 * @throws RangeError for what is not such a file; UnreadableImage for one that is cut off
 */
export function withWebpXmp(webp: Uint8Array, packet: Uint8Array): Uint8Array<ArrayBuffer> {
  if (webp.byteLength < riffHeader + chunkHeader || !isWebp(webp)) throw new RangeError('not a WebP file');
  const kind = String.fromCharCode(...webp.subarray(riffHeader, riffHeader + 4));
  if (kind !== 'VP8 ' && kind !== 'VP8L')
    throw new RangeError(`a WebP file that begins with ${kind}: expected VP8 or VP8L`);
  const { width, height } = readWebpFacts(webp);
  const picture = webp.subarray(riffHeader);

  const extended = new Uint8Array(extendedBytes);
  const view = new DataView(extended.buffer);
  view.setUint8(0, flags.xmp | (kind === 'VP8L' && usesAlpha(picture) ? flags.alpha : 0));
  // Sizes have 24 bits, and are told less one. A picture of one chunk has at most 16,384 pixels a side: 16 bits are enough.
  view.setUint16(4, width - 1, true);
  view.setUint16(7, height - 1, true);

  const chunks = [chunk('VP8X', extended), picture, chunk('XMP ', packet)];
  const bytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, riffHeader);
  const file = new Uint8Array(bytes);
  file.set(webp.subarray(0, riffHeader));
  new DataView(file.buffer).setUint32(4, bytes - 8, true);
  let at = riffHeader;
  for (const each of chunks) {
    file.set(each, at);
    at += each.byteLength;
  }
  return file;
}

/** Behind a lossless picture's signature: 14 bits of width, 14 of height, one that tells of alpha. */
function usesAlpha(picture: Uint8Array): boolean {
  return (picture[chunkHeader + 4]! & 0x10) !== 0;
}

/** Of even length, filled up with a nought that its length does not count. */
function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(chunkHeader + data.byteLength + (data.byteLength % 2));
  bytes.set(new TextEncoder().encode(name));
  new DataView(bytes.buffer).setUint32(4, data.byteLength, true);
  bytes.set(data, chunkHeader);
  return bytes;
}
