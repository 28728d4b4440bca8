import type { Candidates } from './candidates.ts';
import type { Chunk } from './chunk.ts';
import { products, ROWS_AT_ONCE } from './products.ts';
import { quantise, radius } from './quantise.ts';
import type { NearestQuery } from './similarity-index.ts';

/** A query's codes: with 16 bits, what they leave is nothing beside what eight leave of the rows. */
export interface ScanQuery {
  readonly codes: Int16Array;
  readonly scale: number;
  readonly error: number;
  /** The similarity of the page before's last match. */
  readonly after: number;
  readonly exceptSlot: number | null;
}

export function scanQuery({ numbers, after }: NearestQuery, exceptSlot: number | null): ScanQuery {
  const codes = new Int16Array(numbers.length);
  return { codes, ...quantise(numbers, codes), after: after?.similarity ?? Number.POSITIVE_INFINITY, exceptSlot };
}

/** Goes through chunks: which rows can be among the nearest is known from their codes alone. */
export function scan(query: ScanQuery, chunks: Iterable<readonly [number, Chunk]>, candidates: Candidates): void {
  const four = new Float64Array(ROWS_AT_ONCE);
  for (const [firstSlot, chunk] of chunks) {
    const { rows, scales, errors, codes } = chunk;
    for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
      products(codes, first, query.codes, four);
      for (let i = 0; i < ROWS_AT_ONCE; i++) {
        const row = first + i;
        const scale = scales[row]!;
        if (scale === 0) continue;
        const estimate = scale * query.scale * four[i]!;
        const off = radius(errors[row]!, query.error);
        // No cosine is above 1: near there the interval is shorter.
        const high = Math.min(1, estimate + off);
        if (high < candidates.floor || estimate - off > query.after) continue;
        const slot = firstSlot + row;
        if (slot !== query.exceptSlot) candidates.add(slot, estimate - off, high, high < query.after);
      }
    }
  }
}
