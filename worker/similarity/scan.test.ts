import { describe, expect, it } from 'vitest';
import { type Lying, syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { Candidates } from './candidates.ts';
import { Chunk } from './chunk.ts';
import { cosine } from './cosine.ts';
import { nearestOf } from './nearest.ts';
import { scan, scanQuery } from './scan.ts';
import { byNearness, type Match, type NearestQuery } from './similarity-index.ts';

const dimensions = 48;
const rows = 12;

function collection(lying: Lying, count: number) {
  const vectors = Array.from({ length: count }, (_, i) => syntheticVector(i, dimensions, lying));
  // Some are the very same, and one points away.
  for (let i = 0; i + 20 < count; i += 20) vectors[i + 1]!.numbers.set(vectors[i]!.numbers);
  vectors[7]!.numbers.set(vectors[3]!.numbers.map(x => -x));
  const chunks = Array.from({ length: Math.ceil(count / rows) }, (_, number) => {
    const chunk = Chunk.empty(rows, dimensions);
    for (const [row, { numbers }] of vectors.slice(number * rows, (number + 1) * rows).entries()) {
      chunk.put(row, numbers);
    }
    return [number * rows, chunk] as const;
  });
  return { vectors, chunks };
}

function search({ vectors, chunks }: ReturnType<typeof collection>, query: NearestQuery) {
  const candidates = new Candidates(query.limit, query.minSimilarity ?? -1);
  scan(scanQuery(query, null), chunks, candidates);
  let read = 0;
  const found = nearestOf(query, candidates.survivors(), 7, slots => {
    read += slots.length;
    return slots.map(slot => vectors[slot]!);
  });
  return { found, read };
}

function bruteForce(vectors: readonly { id: string; numbers: Float32Array }[], query: NearestQuery): Match[] {
  return vectors
    .map(({ id, numbers }) => ({ id, similarity: cosine(query.numbers, numbers) }))
    .sort(byNearness)
    .filter(match => match.similarity >= (query.minSimilarity ?? -1))
    .filter(match => !query.after || byNearness(query.after, match) < 0)
    .slice(0, query.limit);
}

describe.each(['anywhere', 'in clusters'] as const)('scan and nearestOf, of vectors that lie %s', lying => {
  const all = collection(lying, 1_000);
  const queries = [
    ...Array.from({ length: 20 }, (_, i) => syntheticVector(10_000 + i, dimensions, lying).numbers),
    // What is there, several times.
    ...all.vectors.slice(0, 10).map(({ numbers }) => numbers),
  ];

  it.each([{}, { minSimilarity: 0.2 }, { minSimilarity: -0.1 }, { minSimilarity: 0.999 }])(
    'find what comparing with all finds: %j',
    options => {
      for (const numbers of queries) {
        for (const limit of [1, 2, 17]) {
          const query = { numbers, limit, ...options };
          expect(search(all, query).found).toEqual(bruteForce(all.vectors, query));
        }
      }
    },
  );

  it('go through everything page by page', () => {
    for (const numbers of queries.slice(15, 25)) {
      const pages: Match[] = [];
      for (;;) {
        const { found } = search(all, { numbers, limit: 90, after: pages.at(-1) ?? null });
        if (found.length === 0) break;
        pages.push(...found);
      }
      expect(pages).toEqual(bruteForce(all.vectors, { numbers, limit: 1_000 }));
    }
  });

  it('read few vectors', () => {
    for (const numbers of queries) expect(search(all, { numbers, limit: 5 }).read).toBeLessThan(60);
  });
});
