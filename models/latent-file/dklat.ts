/**
 * The `.dklat` file: a latent in few bytes.
 *
 *     bytes  what
 *     4      "DKLT"
 *     1      version of the format, 1
 *     1      bits: codes are below 2^bits
 *     1..    channels, height, width, as numbers of 7 bits a byte, low ones first, the highest bit set on all but the last
 *     32     digest of the checkpoint whose latent it is
 *     1      which step, see `stepOf`
 *     1      rank, how many axes there are
 *     c..    the origin of every channel, as such numbers: doubled, and where it is negative made positive and one less
 *     1..    bytes of payload, as such a number
 *     n      payload, by a range coder: angles of `angleBits(bits)` bits, zeros of `bits` bits, codes as `codeLatent` has them
 *     4      CRC-32 of all bytes before it, little-endian
 *
 * Equal latents give equal bytes on every machine.
 */
import { ParameterError } from '../parameter-error.ts';
import type { FloatTensor } from '../runtime.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { codeLatent } from './code-model.ts';
import { crc32 } from './crc32.ts';
import { DklatError } from './dklat-error.ts';
import { angleCount } from './frame.ts';
import { furthestOrigin } from './lattice.ts';
import type { LatentShape } from './neighbourhood.ts';
import { angleBits, dequantise, leastBits, mostBits, type QuantisedLatent } from './quantised-latent.ts';
import { type BinaryCoder, codeNumber, RangeDecoder, RangeEncoder } from './range-coder.ts';

export const dklatType = 'image/x-darkroom-latent';
export const dklatExtension = '.dklat';

/** The bounds of what is read: decoding takes time and memory for every value, and a header costs nothing to forge. */
export const dklatLimits = { channels: 64, side: 512, values: 2 ** 18 } as const;

const magic = new TextEncoder().encode('DKLT');
/** Of the format. Raise it when the same latent gives another file. */
export const dklatVersion = 1;
const digestBytes = 32;
const crcBytes = 4;

/** What a file says of itself. */
export interface DklatHeader {
  /** Of the checkpoint whose autoencoder decodes it: lower-case hex. */
  readonly checkpointDigest: string;
  /** Of each value, 2 to 8. */
  readonly bits: number;
  /** `[channels, height, width]` */
  readonly shape: LatentShape;
}

/** What a file holds. */
export interface DklatContent extends DklatHeader, QuantisedLatent {
  /** `[channels, height, width] float32` */
  readonly latent: FloatTensor;
}

/** Whether a file begins as a `.dklat` does. */
export function isDklat(file: Uint8Array): boolean {
  return magic.every((byte, i) => file[i] === byte);
}

/**
 * @param quantised what `quantise` made
 * @param options.checkpointDigest 64 hexadecimal digits, see `checkpointDigest`
 * @throws ParameterError when the digest is none, or the latent is larger than what `readDklat` reads
 */
export function writeDklat(
  quantised: QuantisedLatent,
  options: { readonly checkpointDigest: string },
): Uint8Array<ArrayBuffer> {
  const { bits, shape, rank, stepIndex, origin } = quantised;
  const excess = excessOf(shape);
  if (excess) throw new ParameterError(excess);
  const writer = new ByteWriter();
  writer.bytes(magic);
  writer.bytes([dklatVersion, bits]);
  for (const size of shape) writer.number(size);
  writer.bytes(digestOf(options.checkpointDigest));
  writer.bytes([stepIndex, rank]);
  for (const part of origin) writer.number(part < 0 ? -2 * part - 1 : 2 * part);
  const encoder = new RangeEncoder();
  codePayload(quantised, encoder);
  const payload = encoder.finish();
  writer.number(payload.byteLength);
  writer.bytes(payload);
  const file = new Uint8Array(writer.length + crcBytes);
  file.set(writer.written);
  new DataView(file.buffer).setUint32(writer.length, crc32(file.subarray(0, writer.length)), true);
  return file;
}

/**
 * What a file says of itself, for who wants to know that before the time is spent that decoding takes.
 * @throws DklatError as `readDklat`
 */
export function readDklatHeader(file: Uint8Array): DklatHeader {
  const { checkpointDigest, bits, shape } = readParts(file);
  return { checkpointDigest, bits, shape };
}

/**
 * Reads a file that `writeDklat` wrote. Nothing is decoded before its length, sizes and checksum are found right.
 * @throws DklatError when it is none, damaged, cut off, continued, of another version, or larger than `dklatLimits`
 */
export function readDklat(file: Uint8Array): DklatContent {
  const { payload, rank, ...parts } = readParts(file);
  const [channels, height, width] = parts.shape;
  const angles = new Uint16Array(angleCount(channels, rank));
  const [zeros, codes] = [new Uint8Array(rank), new Uint8Array(rank * height * width)];
  const content = { ...parts, rank, angles, zeros, codes };
  codePayload(content, new RangeDecoder(payload));
  return { ...content, latent: dequantise(content) };
}

/** All but what is in the payload. @throws DklatError */
function readParts(file: Uint8Array) {
  if (!isDklat(file)) throw new DklatError('not a .dklat file: it does not begin with DKLT');
  const reader = new ByteReader(file.subarray(0, Math.max(0, file.byteLength - crcBytes)));
  reader.bytes(magic.length);
  const [found, bits] = reader.bytes(2) as unknown as [number, number];
  if (found !== dklatVersion) throw new DklatError(`version ${found} of the format, expected ${dklatVersion}`);
  if (bits < leastBits || bits > mostBits) throw new DklatError(`${bits} bits, expected ${leastBits} to ${mostBits}`);
  const shape = [reader.number(), reader.number(), reader.number()] as const;
  const excess = excessOf(shape);
  if (excess) throw new DklatError(excess);
  const checkpointDigest = hex(reader.bytes(digestBytes));
  const [stepIndex, rank] = reader.bytes(2) as unknown as [number, number];
  const [channels] = shape;
  if (rank > channels) throw new DklatError(`${rank} axes of ${channels} channels`);
  const origin = Int32Array.from({ length: channels }, () => {
    const number = reader.number();
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  });
  const far = origin.find(part => Math.abs(part) > furthestOrigin);
  if (far !== undefined) throw new DklatError(`an origin of ${far}, expected at most ${furthestOrigin}`);
  const payload = reader.bytes(reader.number());
  reader.expectEnd();
  expectChecksum(file);
  return { checkpointDigest, bits, shape, rank, stepIndex, origin, payload };
}

/** An encoder reads what it codes, a decoder fills it in. */
function codePayload({ bits, shape, rank, angles, zeros, codes }: QuantisedLatent, coder: BinaryCoder): void {
  for (const [i, angle] of angles.entries()) angles[i] = codeNumber(coder, angle, angleBits(bits));
  for (const [i, zero] of zeros.entries()) zeros[i] = codeNumber(coder, zero, bits);
  codeLatent({ codes, zeros, shape: [rank, shape[1], shape[2]], bits }, coder);
}

function expectChecksum(file: Uint8Array): void {
  const end = file.byteLength - crcBytes;
  const found = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(end, true);
  if (found !== crc32(file.subarray(0, end))) throw new DklatError('it is damaged: its checksum is another');
}

/** What is wrong with a shape, if anything is. */
function excessOf([channels, height, width]: LatentShape): string | null {
  const fits =
    Math.min(channels, height, width) >= 1 &&
    channels <= dklatLimits.channels &&
    Math.max(height, width) <= dklatLimits.side &&
    channels * height * width <= dklatLimits.values;
  if (fits) return null;
  const { channels: most, side, values } = dklatLimits;
  return `a latent [${channels},${height},${width}], expected at most ${most} channels, ${side} a side, ${values} values`;
}

function digestOf(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new ParameterError(`a checkpoint digest ${JSON.stringify(text)}`);
  return Uint8Array.from({ length: digestBytes }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
