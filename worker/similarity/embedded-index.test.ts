/** Under workerd, with Durable Objects on disk. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimilarityHouse } from '../../test/edge/similarity-house.ts';
import type { IndexCall } from '../../test/edge/similarity-worker.ts';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { cosine } from './cosine.ts';
import { byNearness, type Collection, type Match } from './similarity-index.ts';

let house: SimilarityHouse;
beforeAll(async () => {
  house = await SimilarityHouse.build();
});
afterAll(() => house?.tearDown());

let collections = 0;
/** A new one, with what can be asked of it. */
function collection(...shape: number[]) {
  const collection: Collection = {
    checkpointDigest: (collections++).toString(16).padStart(64, '0'),
    space: 'EMBEDDING',
    shape,
  };
  return {
    ask: <Answer = null>(call: IndexCall) => house.ask<Answer>(collection, call),
    fill: (from: number, to: number) => house.ask(collection, { call: 'fill', from, to }),
    put: (id: string, numbers: readonly (number | 'NaN' | 'Infinity')[]) =>
      house.ask(collection, { call: 'put', vectors: [{ id, numbers }] }),
    delete: (...ids: string[]) => house.ask(collection, { call: 'delete', ids }),
    nearest: (query: { numbers: readonly number[]; limit: number } & Record<string, unknown>) =>
      house.ask<Match[]>(collection, { call: 'nearest', query }),
  };
}

/** What comparing a synthetic vector with others finds. */
function expected(numbers: Float32Array, others: readonly number[], limit: number): Match[] {
  const all = others.map(i => syntheticVector(i, numbers.length));
  const matches = all.map(other => ({ id: other.id, similarity: cosine(numbers, other.numbers) }));
  return matches.sort(byNearness).slice(0, limit);
}

const id = (digit: string) => digit.repeat(64);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const query = syntheticVector(99_999, 32).numbers;

describe('EmbeddedIndex', () => {
  it('finds what comparing with all finds', async () => {
    const { fill, nearest } = collection(2, 4, 4);
    await fill(0, 3_000);
    expect(await nearest({ numbers: [...query], limit: 40 })).toEqual(expected(query, range(0, 3_000), 40));
  });

  it('is empty before the first vector', async () => {
    const { delete: remove, nearest } = collection(32);
    expect(await nearest({ numbers: [...query], limit: 5 })).toEqual([]);
    await remove(id('a'));
  });

  it('keeps collections apart', async () => {
    const [one, other] = [collection(32), collection(32)];
    await one.fill(0, 5);
    await other.fill(5, 8);
    expect(await other.nearest({ numbers: [...query], limit: 10 })).toEqual(expected(query, range(5, 8), 10));
  });

  it('replaces a vector that is put again', async () => {
    const { put, nearest } = collection(2);
    await put(id('a'), [1, 0]);
    await put(id('a'), [0, 1]);
    expect(await nearest({ numbers: [0, 2], limit: 9 })).toEqual([{ id: id('a'), similarity: 1 }]);
  });

  it('finds nothing that was deleted, and what was put in its place', async () => {
    const { fill, delete: remove, nearest } = collection(32);
    await fill(0, 1_000);
    const ids = range(0, 600).map(i => syntheticVector(i, 32).id);
    await remove(...ids, id('f'));
    expect(await nearest({ numbers: [...query], limit: 200 })).toEqual(expected(query, range(600, 1_000), 200));
    await fill(2_000, 2_700);
    expect(await nearest({ numbers: [...query], limit: 200 })).toEqual(
      expected(query, [...range(600, 1_000), ...range(2_000, 2_700)], 200),
    );
  });

  it('needs no more room for what takes the place of others', async () => {
    const { ask, fill, delete: remove } = collection(32);
    await fill(0, 2_000);
    const before = await ask<{ bytesInMemory: number; bytesOnDisk: number }>({ call: 'size' });
    await remove(...range(0, 2_000).map(i => syntheticVector(i, 32).id));
    await fill(5_000, 7_000);
    const after = await ask<typeof before>({ call: 'size' });
    expect(after).toMatchObject({ vectors: 2_000 });
    expect(after.bytesInMemory).toBeLessThanOrEqual(before.bytesInMemory * 1.1);
    expect(after.bytesOnDisk).toBeLessThanOrEqual(before.bytesOnDisk * 1.5);
  });

  it('goes through all of it by pages that stay right while others are put and deleted', async () => {
    const { fill, delete: remove, nearest } = collection(32);
    await fill(0, 500);
    const seen: Match[] = [];
    let page = await nearest({ numbers: [...query], limit: 100 });
    while (page.length > 0) {
      seen.push(...page);
      // A stranger comes in, and what was seen last goes.
      await fill(1_000 + seen.length, 1_001 + seen.length);
      await remove(seen.at(-1)!.id);
      page = await nearest({ numbers: [...query], limit: 100, after: seen.at(-1) });
    }
    const strangers = new Set(range(1_000, 1_600).map(i => syntheticVector(i, 32).id));
    const known = seen.filter(match => !strangers.has(match.id));
    expect(known).toEqual(expected(query, range(0, 500), 500));
    expect(seen).toEqual(seen.toSorted(byNearness));
  });

  it('orders equals by their ids, over pages too', async () => {
    const { put, nearest } = collection(3);
    for (const digit of 'c4a0f1') await put(id(digit), [1, 2, 3]);
    const first = await nearest({ numbers: [1, 2, 3], limit: 4 });
    const rest = await nearest({ numbers: [1, 2, 3], limit: 4, after: first[3] });
    expect([...first, ...rest].map(match => match.id[0]).join('')).toBe('014acf');
  });

  it('leaves out what is too far and what is not to be found', async () => {
    const { put, nearest } = collection(2);
    await put(id('a'), [1, 0]);
    await put(id('b'), [1, 1]);
    await put(id('c'), [0, 1]);
    const numbers = [1, 0];
    expect(await nearest({ numbers, limit: 3, minSimilarity: 0.5, except: id('a') })).toEqual([
      { id: id('b'), similarity: expect.closeTo(Math.SQRT1_2) },
    ]);
    expect(await nearest({ numbers, limit: 3, minSimilarity: 1 })).toEqual([{ id: id('a'), similarity: 1 }]);
  });

  it('has everything after a restart, and goes on from there', async () => {
    const { ask, fill, delete: remove, nearest } = collection(32);
    await fill(0, 2_000);
    await remove(...range(0, 10).map(i => syntheticVector(i, 32).id));
    await house.restart();
    // Nothing is read before it is needed.
    expect(await ask({ call: 'size' })).toMatchObject({ vectors: 1_990, bytesInMemory: 0 });
    expect(await nearest({ numbers: [...query], limit: 50 })).toEqual(expected(query, range(10, 2_000), 50));
    await fill(3_000, 3_100);
    expect(await nearest({ numbers: [...query], limit: 50 })).toEqual(
      expected(query, [...range(10, 2_000), ...range(3_000, 3_100)], 50),
    );
  });

  it('takes vectors of many thousands of numbers', async () => {
    const { fill, nearest } = collection(4, 96, 128);
    await fill(0, 9);
    const { numbers } = syntheticVector(99, 4 * 96 * 128);
    expect(await nearest({ numbers: [...numbers], limit: 3 })).toEqual(expected(numbers, range(0, 9), 3));
  });

  it.each([
    ['NaN', [1, 'NaN'], /NaN/],
    ['infinity', [1, 'Infinity'], /Infinity/],
    ['zeros', [0, 0], /zeros/],
    ['too few', [1], /of 1 numbers: expected 2/],
    ['too many', [1, 2, 3], /of 3 numbers: expected 2/],
  ] as const)('refuses %s', async (_, numbers, message) => {
    const { put, nearest } = collection(2);
    const refused = { name: 'VectorError', message: expect.stringMatching(message) };
    await expect(put(id('a'), numbers)).rejects.toMatchObject(refused);
    await expect(nearest({ numbers: numbers as never, limit: 1 })).rejects.toMatchObject(refused);
  });

  it.each([0, 201, 1.5])('refuses a limit of %d', async limit => {
    const { nearest } = collection(2);
    await expect(nearest({ numbers: [1, 0], limit })).rejects.toMatchObject({ name: 'VectorError' });
  });

  it('refuses ids that are none, with all that came with them', async () => {
    const { ask, nearest } = collection(2);
    const vectors = [
      { id: id('a'), numbers: [1, 0] },
      { id: 'A'.repeat(64), numbers: [1, 0] },
    ];
    await expect(ask({ call: 'put', vectors })).rejects.toMatchObject({ name: 'VectorError' });
    expect(await nearest({ numbers: [1, 0], limit: 1 })).toEqual([]);
  });
});
