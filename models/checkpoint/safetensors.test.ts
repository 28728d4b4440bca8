import { expect, test } from 'vitest';
import type { Tensor } from '../runtime.ts';
import {
  decodeTensor,
  headerLength,
  parseHeader,
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
} from './safetensors.ts';

function file(header: string | Uint8Array, data = 0): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

test('what is written can be read', () => {
  const tensors: Record<string, Tensor> = {
    b: { data: Float32Array.of(1, -2, Math.fround(0.1), Infinity), dims: [2, 2] },
    a: { data: Uint8Array.of(1, 2, 3), dims: [3] },
    c: { data: BigInt64Array.of(-1n), dims: [] },
    d: { data: Int32Array.of(-7, 7), dims: [2, 1] },
    e: { data: new Float32Array(), dims: [0, 4] },
  };
  const read = readSafetensors(writeSafetensors(tensors, { made: 'here' }));
  expect(Object.fromEntries(read)).toEqual(tensors);
});

test('equal tensors give equal bytes, in whatever order they come', () => {
  const a: Tensor = { data: Float32Array.of(1), dims: [1] };
  const b: Tensor = { data: Float32Array.of(2), dims: [1] };
  expect(writeSafetensors({ a, b })).toEqual(writeSafetensors({ b, a }));
});

test("a tensor is read from memory that is a Node Buffer's part of a larger pool", () => {
  const written = Buffer.from(writeSafetensors({ x: { data: Int32Array.of(5, 6), dims: [2] } }));
  const pool = Buffer.concat([Buffer.from([9]), written]).subarray(1);
  expect(readSafetensors(pool).get('x')).toEqual({ data: Int32Array.of(5, 6), dims: [2] });
});

test('F16 and BF16 are widened exactly', () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x03ff, 0x8000, 0x7bff, 0x7c00, 0xfc00);
  const entry = { dtype: 'F16', shape: [9], begin: 0, end: 18 } as const;
  const { data } = decodeTensor(entry, new Uint8Array(halves.buffer));
  const expected = [1, -2, 0.333251953125, 2 ** -24, 1023 * 2 ** -24, -0, 65504, Infinity, -Infinity];
  expect(data).toEqual(Float32Array.from(expected));
  const wide = Uint16Array.of(0x3f80, 0xc049, 0x0001);
  const bf16 = decodeTensor({ dtype: 'BF16', shape: [3], begin: 0, end: 6 }, new Uint8Array(wide.buffer));
  expect(bf16.data).toEqual(Float32Array.of(1, -3.140625, 2 ** -133));
  const nan = decodeTensor({ dtype: 'F16', shape: [1], begin: 0, end: 2 }, Uint8Array.of(0x01, 0x7e));
  expect(nan.data[0]).toBeNaN();
});

const whole = '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';

test.each([
  ['too short to hold a length', new Uint8Array(4)],
  ['a header longer than the file', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0)],
  ['a header of 2^60 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16, 1, 2, 3)],
  ['a header that is not JSON', file('{oops')],
  ['a header that is not UTF-8', file(Uint8Array.of(0x22, 0xff, 0x22))],
  ['a header that is a list', file('[]')],
  ['metadata that is not texts', file('{"__metadata__":{"a":1}}')],
  ['an unknown dtype', file(whole.replace('F32', 'F3'), 8)],
  ['a dtype from the prototype', file(whole.replace('F32', 'toString'), 8)],
  ['a negative size', file(whole.replace('[2]', '[-2]'), 8)],
  ['bytes that do not fit the shape', file(whole.replace('[2]', '[3]'), 8)],
  ['a tensor beyond the end', file(whole, 4)],
  ['bytes after the last tensor', file(whole, 12)],
  ['a gap', file(whole.replace('[0,8]', '[4,12]'), 12)],
  ['tensors that overlap', file(`${whole.slice(0, -1)},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12)],
])('refuses %s', (_, bytes) => {
  expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
});

test('only the header is needed to know where tensors lie', () => {
  const bytes = file(whole, 8);
  const length = headerLength(bytes.subarray(0, 8), bytes.length);
  const { tensors } = parseHeader(bytes.subarray(8, 8 + length), bytes.length);
  expect(tensors.get('x')).toEqual({ dtype: 'F32', shape: [2], begin: 8 + length, end: 16 + length });
});

test.each([
  ['F8_E4M3', 2],
  ['F4', 1],
  ['U64', 16],
])('a tensor of %s is in nobody’s way until it is asked for', (dtype, bytes) => {
  const odd = file(`{"x":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,${bytes}]}}`, bytes);
  const length = headerLength(odd, odd.length);
  const entry = parseHeader(odd.subarray(8, 8 + length), odd.length).tensors.get('x')!;
  expect(entry.dtype).toBe(dtype);
  expect(() => decodeTensor(entry, odd.subarray(entry.begin), 'x')).toThrow(`x has dtype ${dtype}, expected F32`);
});
