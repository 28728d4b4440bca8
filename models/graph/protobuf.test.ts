import { expect, test } from 'vitest';
import { ProtobufWriter } from './protobuf.ts';

const bytes = (write: (writer: ProtobufWriter) => ProtobufWriter) => [...write(new ProtobufWriter()).bytes()];

test('an integer is a tag and seven bits to a byte, the lowest first', () => {
  expect(bytes(writer => writer.integer(1, 150))).toEqual([0x08, 0x96, 0x01]);
  expect(bytes(writer => writer.integer(1, 0))).toEqual([0x08, 0x00]);
  expect(bytes(writer => writer.integer(1, 127))).toEqual([0x08, 0x7f]);
  expect(bytes(writer => writer.integer(1, 128))).toEqual([0x08, 0x80, 0x01]);
});

test('a negative integer takes ten bytes', () => {
  expect(bytes(writer => writer.integer(1, -1))).toEqual([0x08, ...new Array(9).fill(0xff), 0x01]);
});

test('integers beyond 2^53 keep every bit', () => {
  expect(bytes(writer => writer.integer(1, 2n ** 63n - 1n))).toEqual([0x08, ...new Array(8).fill(0xff), 0x7f]);
});

test('field numbers above 15 need a second byte', () => {
  expect(bytes(writer => writer.integer(20, 1))).toEqual([0xa0, 0x01, 0x01]);
});

test('a text is its length and its UTF-8', () => {
  expect(bytes(writer => writer.text(2, 'testing'))).toEqual([0x12, 7, ...Buffer.from('testing')]);
  expect(bytes(writer => writer.text(2, 'é'))).toEqual([0x12, 2, 0xc3, 0xa9]);
});

test('a float is four bytes, the lowest first', () => {
  expect(bytes(writer => writer.float(2, 1))).toEqual([0x15, 0, 0, 0x80, 0x3f]);
});

test('a message lies within another as its length and its bytes', () => {
  expect(bytes(writer => writer.message(3, inner => inner.integer(1, 150)))).toEqual([0x1a, 3, 0x08, 0x96, 0x01]);
});

test('the buffer grows with what is written', () => {
  const long = new Uint8Array(10_000).fill(7);
  const written = new ProtobufWriter().delimited(1, long).integer(2, 3).bytes();
  expect([...written.subarray(0, 3)]).toEqual([0x0a, 0x90, 0x4e]);
  expect([...written.subarray(3)]).toEqual([...long, 0x10, 3]);
});
