import { describe, expect, it } from 'vitest';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { cosine } from './cosine.ts';
import { byNearness, type Collection, type Match } from './similarity-index.ts';
import { VectorizeDouble } from './testing/vectorize-double.ts';
import { VectorizeIndex } from './vectorize-index.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const some = (dimensions: number, from: number, to: number) => range(from, to).map(i => syntheticVector(i, dimensions));

function bruteForce(vectors: ReturnType<typeof some>, numbers: Float32Array): Match[] {
  return vectors.map(each => ({ id: each.id, similarity: cosine(numbers, each.numbers) })).sort(byNearness);
}

const embeddings: Collection = { checkpointDigest: 'c'.repeat(64), space: 'EMBEDDING', shape: [48] };
const latents: Collection = { checkpointDigest: 'c'.repeat(64), space: 'LATENT', shape: [8, 16, 16] };

/** @param originals of what is too long for the index */
async function house(collection: Collection, vectors: ReturnType<typeof some>, originals = vectors) {
  const vectorize = new VectorizeDouble(1_536);
  const read: string[] = [];
  const index = new VectorizeIndex(vectorize, async (_, id) => {
    read.push(id);
    return originals.find(original => original.id === id)?.numbers ?? null;
  });
  await index.put(collection, vectors);
  vectorize.settle();
  return { index, vectorize, read };
}

describe('VectorizeIndex', () => {
  const vectors = some(48, 0, 1_500);
  const query = syntheticVector(9_999, 48).numbers;

  it('finds the nearest with their exact similarities, in an index of more dimensions', async () => {
    const { index, vectorize } = await house(embeddings, vectors);
    expect(await index.nearest(embeddings, { numbers: query, limit: 50 })).toEqual(
      bruteForce(vectors, query).slice(0, 50),
    );
    const calls = ['upsert 1000', 'upsert 500', 'query', ...Array.from({ length: 5 }, () => 'get 20')];
    expect(vectorize.asked).toEqual(['describe', ...calls]);
  });

  it('goes on after a cursor, as far as Vectorize goes', async () => {
    const { index } = await house(embeddings, vectors);
    const pages: Match[] = [];
    for (;;) {
      const page = await index.nearest(embeddings, { numbers: query, limit: 30, after: pages.at(-1) ?? null });
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages).toEqual(bruteForce(vectors, query).slice(0, 100));
  });

  it('keeps collections apart, also of one latent', async () => {
    const { index, vectorize } = await house(embeddings, vectors.slice(0, 3));
    const prompts: Collection = { ...embeddings, space: 'PROMPT' };
    await index.put(prompts, vectors.slice(0, 2));
    vectorize.settle();
    await index.delete(embeddings, [vectors[0]!.id]);
    vectorize.settle();
    const ids = async (collection: Collection) =>
      (await index.nearest(collection, { numbers: query, limit: 9 })).map(({ id }) => id).sort();
    expect(await ids(embeddings)).toEqual([vectors[1]!.id, vectors[2]!.id].sort());
    expect(await ids(prompts)).toEqual([vectors[0]!.id, vectors[1]!.id].sort());
    expect(await ids({ ...prompts, checkpointDigest: 'd'.repeat(64) })).toEqual([]);
  });

  it('deletes as many as are asked for', async () => {
    const { index, vectorize } = await house(embeddings, vectors);
    const gone = vectors.slice(0, 250).map(({ id }) => id);
    await index.delete(embeddings, gone);
    vectorize.settle();
    const left = bruteForce(vectors.slice(250), query).slice(0, 100);
    expect(await index.nearest(embeddings, { numbers: query, limit: 100 })).toEqual(left);
  });

  it('leaves out what is too far and what is not to be found', async () => {
    const { index } = await house(embeddings, vectors);
    const [first, second, third, fourth] = bruteForce(vectors, query);
    const { similarity: minSimilarity } = third!;
    const found = await index.nearest(embeddings, { numbers: query, limit: 9, minSimilarity, except: second!.id });
    expect(found).toEqual([first, third]);
    expect(fourth!.similarity).toBeLessThan(minSimilarity);
  });

  it('selects long vectors by what pooling leaves of them, and compares them whole', async () => {
    // A few patterns with their variants: what is near is near when it is pooled too.
    const patterns = some(2_048, 5_000, 5_010);
    const long = some(2_048, 0, 150).map(({ id, numbers }, i) => {
      const pattern = patterns[i % 10]!.numbers;
      return { id, numbers: numbers.map((x, k) => pattern[k]! + 0.5 * x) };
    });
    const { index, read } = await house(latents, long, long.slice(1));
    const found = await index.nearest(latents, { numbers: long[0]!.numbers, limit: 10 });
    // The first is in the index still, but nowhere else.
    expect(found).toEqual(bruteForce(long.slice(1), long[0]!.numbers).slice(0, 10));
    expect(read.length).toBe(100);
  });

  it('refuses what cannot be compared', async () => {
    const { index, vectorize } = await house(embeddings, []);
    const vector = { id: 'a'.repeat(64), numbers: new Float32Array(48) };
    await expect(index.put(embeddings, [vector])).rejects.toMatchObject({ name: 'VectorError' });
    await expect(index.nearest(embeddings, { numbers: query, limit: 201 })).rejects.toMatchObject({
      name: 'VectorError',
    });
    expect(vectorize.asked).toEqual(['describe']);
  });
});
