import { decodeTensor, headerLength, parseHeader, type TensorEntry } from '../../models/checkpoint/safetensors.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import type { Numbers } from './difference.ts';
import { GoldenError } from './golden-folder.ts';

/** The tensors of a golden file. Remembers which were asked for, so that none is left out in silence. */
export class GoldenTensors {
  readonly #path: string;
  readonly #file: Uint8Array;
  readonly #entries: ReadonlyMap<string, TensorEntry>;
  readonly #unread: Set<string>;

  private constructor(path: string, file: Uint8Array, entries: ReadonlyMap<string, TensorEntry>) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
    this.#unread = new Set(entries.keys());
  }

  /** @throws GoldenError when it is not a safetensors file */
  static read(path: string, file: Uint8Array): GoldenTensors {
    try {
      const length = headerLength(file, file.byteLength);
      return new GoldenTensors(path, file, parseHeader(file.subarray(8, 8 + length), file.byteLength).tensors);
    } catch (error) {
      throw new GoldenError(`${path}: not a safetensors file: ${(error as Error).message}`);
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Names that begin so, in the file's order. */
  namesUnder(prefix: string): readonly string[] {
    return [...this.#entries.keys()].filter(name => name.startsWith(prefix));
  }

  /** Names that were never asked for. */
  get unread(): readonly string[] {
    return [...this.#unread];
  }

  /** @throws GoldenError when there is no such tensor */
  get(name: string): Numbers {
    const entry = this.#entries.get(name);
    if (!entry) throw new GoldenError(`${this.#path}: no tensor ${name}`);
    this.#unread.delete(name);
    const bytes = this.#file.subarray(entry.begin, entry.end);
    if (entry.dtype === 'F64') return { data: new Float64Array(new Uint8Array(bytes).buffer), dims: entry.shape };
    const { data, dims } = decodeTensor(entry, bytes, `${this.#path}: ${name}`);
    return { data: data instanceof BigInt64Array ? Float64Array.from(data, Number) : data, dims };
  }

  /** @throws GoldenError when there is no such tensor or it is not of floats */
  float(name: string): FloatTensor {
    const { data, dims } = this.get(name);
    if (!(data instanceof Float32Array)) throw new GoldenError(`${this.#path}: tensor ${name} is not float32`);
    return { data, dims };
  }

  /** A `[rows, columns]` tensor of token ids as lists. @throws GoldenError when it is not of that shape */
  rows(name: string): number[][] {
    const { data, dims } = this.get(name);
    const [rows, columns] = dims;
    if (dims.length !== 2) throw new GoldenError(`${this.#path}: tensor ${name} has ${dims.length} dims, expected 2`);
    return Array.from({ length: rows! }, (_, row) =>
      Array.from({ length: columns! }, (_, i) => data[row * columns! + i]!),
    );
  }
}
