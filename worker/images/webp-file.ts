/** Reads a WebP file's chunks, not its picture. Source: the WebP container specification, and RFC 6386 for its key frames. */
import { orientationOf } from './exif.ts';
import { checkSize, type PictureFacts } from './picture-facts.ts';
import { UnreadableImage } from './unreadable-image.ts';

const animation = 0x02;

export function isWebp(file: Uint8Array): boolean {
  return fourLetters(file, 0) === 'RIFF' && fourLetters(file, 8) === 'WEBP';
}

/** @throws UnreadableImage when it is not whole, moves, or one of its sizes is too large */
export function readWebpFacts(file: Uint8Array): PictureFacts {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (8 + view.getUint32(4, true) > file.byteLength) throw new UnreadableImage('the WebP ends early');
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation = 1;
  for (let at = 12; at + 8 <= file.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > file.byteLength) throw new UnreadableImage('the WebP ends early');
    const chunk = file.subarray(at + 8, at + 8 + length);
    const name = fourLetters(file, at);
    if (name === 'VP8X' && chunk[0]! & animation) {
      throw new UnreadableImage('the WebP is animated: send one of its pictures');
    }
    if (name === 'EXIF') orientation = orientationOf(chunk);
    const told = sizeOf(name, chunk);
    // The container's word is not what the decoder takes memory for.
    if (told) checkSize(told);
    size = told ?? size;
    // Chunks are of even length.
    at += 8 + length + (length % 2);
  }
  if (!size) throw new UnreadableImage('the WebP has no picture in it');
  return { ...size, orientation };
}

function sizeOf(name: string, chunk: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (name === 'VP8X' && chunk.byteLength >= 10) {
    return { width: 1 + (view.getUint32(3, true) >>> 8), height: 1 + (view.getUint32(6, true) >>> 8) };
  }
  if (name === 'VP8 ' && chunk.byteLength >= 10) {
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
  }
  if (name === 'VP8L' && chunk.byteLength >= 5) {
    const bits = view.getUint32(1, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  return null;
}

function fourLetters(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4));
}
