/** Source: XMP specification part 3, storage in files: an APP1 segment. */
import { isJpeg } from '../images/jpeg-file.ts';

const namespace = new TextEncoder().encode('http://ns.adobe.com/xap/1.0/\0');
/** Two bytes tell a segment's length, themselves included. */
const mostBytes = 0xffff - 2 - namespace.byteLength;

/**
 * The same picture with an XMP packet, behind the JFIF header, which must be the first segment.
 * @throws RangeError for what is not a JPEG file, and for a packet of more than 65,504 bytes
 */
export function withJpegXmp(jpeg: Uint8Array, packet: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!isJpeg(jpeg)) throw new RangeError('not a JPEG file');
  if (packet.byteLength > mostBytes)
    throw new RangeError(`an XMP packet of ${packet.byteLength} bytes: a JPEG takes ${mostBytes}`);
  const at = behindJfif(jpeg);
  const length = 2 + namespace.byteLength + packet.byteLength;
  const file = new Uint8Array(jpeg.byteLength + 2 + length);
  file.set(jpeg.subarray(0, at));
  file.set([0xff, 0xe1, length >>> 8, length & 0xff], at);
  file.set(namespace, at + 4);
  file.set(packet, at + 4 + namespace.byteLength);
  file.set(jpeg.subarray(at), at + 2 + length);
  return file;
}

/** @throws RangeError where the header is cut off */
function behindJfif(jpeg: Uint8Array): number {
  let at = 2;
  while (jpeg[at] === 0xff && jpeg[at + 1] === 0xe0) {
    at += 2 + ((jpeg[at + 2] ?? 0) << 8) + (jpeg[at + 3] ?? 0);
    if (at > jpeg.byteLength) throw new RangeError('the JPEG file ends early');
  }
  return at;
}
