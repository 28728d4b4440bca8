/**
 * Reads a JPEG file's segments, not its picture: the decoder fills what is missing with grey and says nothing.
 * Source: ITU-T T.81, annex B.
 */
import { orientationOf } from './exif.ts';
import { checkSize, type PictureFacts } from './picture-facts.ts';
import { UnreadableImage } from './unreadable-image.ts';

/** Every scan is another pass over the whole picture; ten are usual. */
const mostScans = 64;

const marker = { start: 0xd8, end: 0xd9, scan: 0xda, exif: 0xe1 } as const;

export function isJpeg(file: Uint8Array): boolean {
  return file[0] === 0xff && file[1] === marker.start && file[2] === 0xff;
}

/** @throws UnreadableImage when it is not whole, or not of a kind that is decoded */
export function readJpegFacts(file: Uint8Array): PictureFacts {
  let facts: PictureFacts | null = null;
  let orientation = 1;
  let scans = 0;
  for (let at = 2; ; ) {
    const code = markerAt(file, at);
    if (code === marker.end) break;
    if (isAlone(code)) {
      at += 2;
      continue;
    }
    const segment = segmentAt(file, at + 2);
    at += 4 + segment.byteLength;
    if (code === marker.exif && isExif(segment)) orientation = orientationOf(segment);
    else if (isFrame(code)) facts ??= frameFacts(code, segment);
    else if (code === marker.scan) {
      if (++scans > mostScans) throw new UnreadableImage(`the JPEG has more than ${mostScans} scans`);
      at = endOfScan(file, at);
    }
    // Bytes of filling between segments.
    while (file[at] === 0xff && file[at + 1] === 0xff) at++;
  }
  if (!facts || scans === 0) throw new UnreadableImage('the JPEG has no picture in it');
  return { ...facts, orientation };
}

/** @throws UnreadableImage */
function markerAt(file: Uint8Array, at: number): number {
  const code = file[at + 1];
  if (code === undefined) throw endsEarly();
  if (file[at] !== 0xff) throw new UnreadableImage('the JPEG is damaged: no marker where one belongs');
  return code;
}

/** What follows a marker, less its length. @throws UnreadableImage */
function segmentAt(file: Uint8Array, at: number): Uint8Array {
  const length = ((file[at] ?? 0) << 8) | (file[at + 1] ?? 0);
  if (at + length > file.byteLength) throw endsEarly();
  if (length < 2) throw new UnreadableImage('the JPEG is damaged: a segment of no length');
  return file.subarray(at + 2, at + length);
}

/** Where the marker after a scan's data is. @throws UnreadableImage */
function endOfScan(file: Uint8Array, from: number): number {
  for (let at = from; ; at += 2) {
    at = file.indexOf(0xff, at);
    const code = at < 0 ? undefined : file[at + 1];
    if (code === undefined) throw endsEarly();
    // A byte 255 is followed by a zero; filling may precede a marker; restart markers belong to the data.
    if (code === 0xff) at--;
    else if (code !== 0 && !(code >= 0xd0 && code <= 0xd7)) return at;
  }
}

/** Baseline, extended and progressive, by Huffman's code; others are nobody's pictures. @throws UnreadableImage */
function frameFacts(code: number, segment: Uint8Array): PictureFacts {
  if (code > 0xc2)
    throw new UnreadableImage('the JPEG is lossless, hierarchical or of arithmetic code: save it as PNG');
  if (segment.byteLength < 6) throw new UnreadableImage('the JPEG is damaged: a frame of no size');
  const [bits, height1, height2, width1, width2, components] = segment as unknown as number[];
  if (bits !== 8) throw new UnreadableImage(`the JPEG has ${bits} bits a sample: expected 8`);
  if (components !== 1 && components !== 3) {
    throw new UnreadableImage(`the JPEG has ${components} components (CMYK has four): expected grey or RGB`);
  }
  const size = { width: (width1! << 8) | width2!, height: (height1! << 8) | height2! };
  checkSize(size);
  return { ...size, orientation: 1 };
}

function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function isAlone(code: number): boolean {
  return code === 0x01 || (code >= 0xd0 && code <= 0xd8);
}

function isExif(segment: Uint8Array): boolean {
  return String.fromCharCode(...segment.subarray(0, 6)) === 'Exif\0\0';
}

function endsEarly(): UnreadableImage {
  return new UnreadableImage('the JPEG ends early');
}
