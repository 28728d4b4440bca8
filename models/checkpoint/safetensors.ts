/**
 * The safetensors file format: 8 bytes of header length (little-endian), a JSON header, then the tensors' bytes.
 * Source: the format's own description, https://github.com/huggingface/safetensors#format
 */
import type { Tensor, TensorData } from '../runtime.ts';

/** All that the format knows: a tensor that nobody asks for may be of any. */
const bytesPerElement = {
  C64: 8,
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2: 1,
  F8_E5M2FNUZ: 1,
  F8_E8M0: 1,
  F6_E2M3: 0.75,
  F6_E3M2: 0.75,
  F4: 0.5,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type DType = keyof typeof bytesPerElement;

/** Where a tensor lies in its file: bytes `[begin, end)` counted from the start of the file. */
export interface TensorEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file or message that is not a well-formed safetensors. The message says what was expected. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** The format's own bound on a header. */
const maxHeaderBytes = 100_000_000;

/**
 * How many bytes of JSON follow the first 8 bytes.
 * @throws SafetensorsError when that would reach beyond `fileBytes`
 */
export function headerLength(first8: Uint8Array, fileBytes: number): number {
  if (first8.byteLength < 8) throw new SafetensorsError(`expected at least 8 bytes, found ${first8.byteLength}`);
  const length = Number(new DataView(first8.buffer, first8.byteOffset, 8).getBigUint64(0, true));
  if (length < 2 || length > maxHeaderBytes || 8 + length > fileBytes) {
    throw new SafetensorsError(`header of ${length} bytes does not fit in ${fileBytes} bytes`);
  }
  return length;
}

/**
 * Reads and checks the JSON header: every tensor lies inside the file, has the bytes its shape needs, none overlap.
 * @param json the header's bytes, without the 8 bytes of length
 * @throws SafetensorsError
 */
export function parseHeader(json: Uint8Array, fileBytes: number): SafetensorsHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json));
  } catch {
    throw new SafetensorsError('header is not JSON');
  }
  if (!isRecord(parsed)) throw new SafetensorsError('header is not a JSON object');
  const dataOffset = 8 + json.byteLength;
  const { __metadata__: metadata = {}, ...entries } = parsed;
  if (!isRecord(metadata) || Object.values(metadata).some(value => typeof value !== 'string')) {
    throw new SafetensorsError('__metadata__ is not a map of strings');
  }
  const tensors = new Map<string, TensorEntry>();
  for (const [name, entry] of Object.entries(entries))
    tensors.set(name, parseEntry(name, entry, dataOffset, fileBytes));
  let end = dataOffset;
  for (const [name, entry] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end) throw new SafetensorsError(`tensor ${name} begins at ${entry.begin}, expected ${end}`);
    end = entry.end;
  }
  if (end !== fileBytes) throw new SafetensorsError(`tensors end at ${end}, the file at ${fileBytes}`);
  return { tensors, metadata: metadata as Record<string, string> };
}

function parseEntry(name: string, entry: unknown, dataOffset: number, fileBytes: number): TensorEntry {
  if (!isRecord(entry)) throw new SafetensorsError(`tensor ${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerElement, dtype)) {
    throw new SafetensorsError(
      `tensor ${name} has dtype ${String(dtype)}, expected one of ${Object.keys(bytesPerElement).join(', ')}`,
    );
  }
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new SafetensorsError(`tensor ${name} lacks a shape or data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, size) => product * size, bytesPerElement[dtype as DType]);
  if (end - begin !== expected || dataOffset + end > fileBytes) {
    throw new SafetensorsError(
      `tensor ${name} has ${end - begin} bytes at ${begin}, expected ${expected} inside the file`,
    );
  }
  return { dtype: dtype as DType, shape, begin: dataOffset + begin, end: dataOffset + end };
}

/**
 * Reads every tensor of a whole file in memory; F16 and BF16 are widened to float32.
 * @throws SafetensorsError
 */
export function readSafetensors(file: Uint8Array): Map<string, Tensor> {
  const length = headerLength(file, file.byteLength);
  const { tensors } = parseHeader(file.subarray(8, 8 + length), file.byteLength);
  return new Map(
    [...tensors].map(([name, entry]) => [name, decodeTensor(entry, file.subarray(entry.begin, entry.end), name)]),
  );
}

/**
 * One tensor from its bytes. F32, F16 and BF16 become float32; I32, I64 and U8 stay what they are.
 * @throws SafetensorsError for a dtype nobody in Darkroom computes with
 */
export function decodeTensor({ dtype, shape }: TensorEntry, bytes: Uint8Array, name = 'tensor'): Tensor {
  // Typed arrays need aligned memory, and offsets in a file are not aligned. Not `slice()`: Node's Buffer shares memory.
  const aligned = (): ArrayBuffer => new Uint8Array(bytes).buffer;
  switch (dtype) {
    case 'F32':
      return { data: new Float32Array(aligned()), dims: shape };
    case 'I32':
      return { data: new Int32Array(aligned()), dims: shape };
    case 'I64':
      return { data: new BigInt64Array(aligned()), dims: shape };
    case 'U8':
      return { data: new Uint8Array(bytes), dims: shape };
    case 'F16':
      return { data: widen(new Uint16Array(aligned()), float16Bits), dims: shape };
    case 'BF16':
      return { data: widen(new Uint16Array(aligned()), bits => bits << 16), dims: shape };
    default:
      throw new SafetensorsError(`${name} has dtype ${dtype}, expected F32, F16, BF16, I32, I64 or U8`);
  }
}

function widen(halves: Uint16Array, toFloat32Bits: (bits: number) => number): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = toFloat32Bits(halves[i]!);
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16 to the bits of the binary32 of the same value. */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  let fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal half is a normal float: shift until its leading one becomes the implicit one.
  let shift = 0;
  while ((fraction & 0x400) === 0) {
    fraction <<= 1;
    shift++;
  }
  return sign | ((113 - shift) << 23) | ((fraction & 0x3ff) << 13);
}

/**
 * A safetensors file of the tensors, in the order of their names: equal tensors give equal bytes.
 *
 * @example
 * const file = writeSafetensors({ latent: { data: new Float32Array(2048), dims: [8, 16, 16] } });
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const name of names) {
    const { data, dims } = tensors[name]!;
    header[name] = { dtype: dtypeOf(data), shape: dims, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  // Padding the header with spaces to a multiple of 8 keeps the data aligned, as the format's own writer does.
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.byteLength / 8) * 8;
  const file = new Uint8Array(8 + length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(json, 8);
  let position = 8 + length;
  for (const name of names) {
    const { data } = tensors[name]!;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof BigInt64Array) return 'I64';
  return 'U8';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(item => Number.isSafeInteger(item) && item >= 0);
}
