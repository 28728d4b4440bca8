/**
 * Writes protobuf messages: the four wire types that ONNX needs.
 * Source: the wire format, https://protobuf.dev/programming-guides/encoding/
 *
 * @example
 * const point = new ProtobufWriter().integer(1, 3).text(2, 'corner').bytes();
 */
export class ProtobufWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  /** A non-negative or negative `int32`, `int64` or enum. Negative numbers take ten bytes, as the format demands. */
  integer(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#reserve(4);
    new DataView(this.#buffer.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  text(field: number, value: string): this {
    return this.delimited(field, new TextEncoder().encode(value));
  }

  /** Bytes, or a message that was already written. */
  delimited(field: number, value: Uint8Array): this {
    this.#tag(field, 2);
    this.#varint(BigInt(value.byteLength));
    this.#reserve(value.byteLength);
    this.#buffer.set(value, this.#length);
    this.#length += value.byteLength;
    return this;
  }

  /** A message within this one. */
  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.delimited(field, inner.bytes());
  }

  /** What was written so far. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(BigInt((field << 3) | wireType));
  }

  /** Seven bits at a time, the lowest first; the high bit says that more follow. */
  #varint(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.byteLength) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.byteLength));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}
