import { ROWS_AT_ONCE } from './products.ts';
import { quantise } from './quantise.ts';

/** Small enough to be written anew with every vector that is put. */
const BYTES = 65_536;
/** A scale and an error. */
const OVERHEAD = 8;

/** How many vectors of so many dimensions a new chunk has room for. */
export function rowsPerChunk(dimensions: number): number {
  const rows = Math.floor(BYTES / (dimensions + OVERHEAD) / ROWS_AT_ONCE) * ROWS_AT_ONCE;
  return Math.max(rows, ROWS_AT_ONCE);
}

/**
 * The codes of some vectors, as one piece of memory that is kept as it is: `scales [rows] float32`, `errors [rows] float32`,
 * `codes [rows, dimensions] int8`. A row without a vector has a scale of zero.
 */
export class Chunk {
  readonly bytes: ArrayBuffer;
  readonly dimensions: number;
  readonly rows: number;
  readonly scales: Float32Array;
  readonly errors: Float32Array;
  readonly codes: Int8Array;

  constructor(bytes: ArrayBuffer, dimensions: number) {
    const rows = bytes.byteLength / (dimensions + OVERHEAD);
    this.bytes = bytes;
    this.dimensions = dimensions;
    this.rows = rows;
    this.scales = new Float32Array(bytes, 0, rows);
    this.errors = new Float32Array(bytes, 4 * rows, rows);
    this.codes = new Int8Array(bytes, OVERHEAD * rows);
  }

  static empty(rows: number, dimensions: number): Chunk {
    return new Chunk(new ArrayBuffer(rows * (dimensions + OVERHEAD)), dimensions);
  }

  copy(): Chunk {
    return new Chunk(this.bytes.slice(0), this.dimensions);
  }

  put(row: number, vector: Float32Array): void {
    const { scale, error } = quantise(vector, this.#codesOf(row));
    this.scales[row] = scale;
    this.errors[row] = error;
  }

  clear(row: number): void {
    this.scales[row] = 0;
    this.errors[row] = 0;
    this.#codesOf(row).fill(0);
  }

  #codesOf(row: number): Int8Array {
    return this.codes.subarray(row * this.dimensions, (row + 1) * this.dimensions);
  }
}
