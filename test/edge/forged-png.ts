import { crc32 } from '../../models/latent-file/crc32.ts';

/** A PNG of one chunk of data; its header says what it is told to. */
export function forgedPng(
  width: number,
  height: number,
  data: Uint8Array,
  bits = 8,
  colourType = 2,
  transparency: Uint8Array | null = null,
): Uint8Array<ArrayBuffer> {
  const chunk = (name: string, body: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(name), body]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(body.byteLength);
    numbers.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([numbers.subarray(0, 4), named, numbers.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, bits, colourType, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const alpha = transparency ? [chunk('tRNS', transparency)] : [];
  const chunks = [chunk('IHDR', header), ...alpha, chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}
