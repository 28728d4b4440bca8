/** Some of a component's tensors as a file of their own, made by rewriting the header: their bytes stay what they are. */
import { CheckpointError } from './error.ts';
import type { TensorEntry } from './safetensors.ts';
import type { Weights } from './weights.ts';

/** A safetensors file that is nowhere: its header, and where the bytes lie that follow. */
export interface WeightSlice {
  /** Of the whole file. */
  readonly bytes: number;
  /** What it begins with: 8 bytes of length, and the JSON. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** Bytes `[begin, end)` of files of the checkpoint, one after the other. */
  readonly ranges: readonly ByteRange[];
}

export interface ByteRange {
  /** Path inside the checkpoint's folder. */
  readonly file: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * @param keeps whether a tensor is wanted, by its name
 * @throws CheckpointError when none is
 *
 * @example
 * const { bytes, header, ranges } = sliceWeights(checkpoint.vae.weights, name => name.startsWith('decoder.'));
 */
export function sliceWeights(weights: Weights, keeps: (name: string) => boolean): WeightSlice {
  const kept = [...weights.entries()]
    .filter(([name]) => keeps(name))
    .sort(([, a], [, b]) => compare(a.file, b.file) || a.begin - b.begin);
  if (kept.length === 0) throw new CheckpointError(weights.file, null, 'tensors to cut out', 'none of them');
  const header = headerOf(kept, weights.metadata);
  const ranges: ByteRange[] = [];
  for (const [, { file, begin, end }] of kept) {
    const last = ranges.at(-1);
    if (last?.file === file && last.end === begin) ranges[ranges.length - 1] = { ...last, end };
    else ranges.push({ file, begin, end });
  }
  const bytes = ranges.reduce((sum, { begin, end }) => sum + end - begin, header.byteLength);
  return { bytes, header, ranges };
}

function headerOf(
  tensors: readonly (readonly [string, TensorEntry])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { dtype, shape, begin, end }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + end - begin] };
    offset += end - begin;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces to a multiple of 8, as the format's own writer does: the data stays aligned.
  const length = Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
