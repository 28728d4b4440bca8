import { DklatError } from './dklat-error.ts';

/** Reads what a `ByteWriter` wrote. */
export class ByteReader {
  readonly #file: Uint8Array;
  #position = 0;

  constructor(file: Uint8Array) {
    this.#file = file;
  }

  /** @throws DklatError when the file ends before */
  bytes(count: number): Uint8Array {
    const end = this.#position + count;
    if (end > this.#file.byteLength) throw new DklatError('it is cut off');
    const bytes = this.#file.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }

  /** @throws DklatError when the file ends before, or a number has more than 28 bits or was not written in the fewest bytes */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const [byte] = this.bytes(1) as unknown as [number];
      value |= (byte & 0x7f) << shift;
      if (byte === 0 && shift > 0) break;
      if (byte < 0x80) return value;
    }
    throw new DklatError('damaged: a number that is none');
  }

  /** @throws DklatError when there is more */
  expectEnd(): void {
    const rest = this.#file.byteLength - this.#position;
    if (rest > 0) throw new DklatError(`${rest} bytes more than it says`);
  }
}
