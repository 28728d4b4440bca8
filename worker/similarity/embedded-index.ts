import {
  byNearness,
  type Collection,
  checkQuery,
  checkVectors,
  type IndexedVector,
  type Match,
  type NearestQuery,
  nameOf,
  type SimilarityIndex,
} from './similarity-index.ts';
import type { SimilarityShard, Size } from './similarity-shard.ts';

/**
 * Of every collection. Another number would look for vectors where they are not: raising it takes a migration. Ten
 * gigabytes of a Durable Object are 9 million vectors of 256, so that space is no reason to.
 */
const SHARDS = 4;

/** What one call carries at most, in numbers: far from the 32 MiB that it may. */
const NUMBERS_AT_ONCE = 1_000_000;

/**
 * Exact search in Durable Objects: a collection's vectors lie in a few shards, by their ids, and a search asks all of them
 * at once. What it finds is what comparing with every vector would find.
 */
export class EmbeddedIndex implements SimilarityIndex {
  readonly #objects: DurableObjectNamespace<SimilarityShard>;

  constructor(objects: DurableObjectNamespace<SimilarityShard>) {
    this.#objects = objects;
  }

  async put(collection: Collection, vectors: readonly IndexedVector[]): Promise<void> {
    checkVectors(collection, vectors);
    const atOnce = Math.max(1, Math.floor(NUMBERS_AT_ONCE / (vectors[0]?.numbers.length ?? 1)));
    for (let begin = 0; begin < vectors.length; begin += atOnce) {
      const parts = byShard(vectors.slice(begin, begin + atOnce), ({ id }) => id);
      await Promise.all(parts.map(([shard, part]) => this.#shard(collection, shard).put(part)));
    }
  }

  async delete(collection: Collection, ids: readonly string[]): Promise<void> {
    const parts = byShard(ids, id => id);
    await Promise.all(parts.map(([shard, part]) => this.#shard(collection, shard).delete(part)));
  }

  async nearest(collection: Collection, query: NearestQuery): Promise<readonly Match[]> {
    checkQuery(collection, query);
    const shards = Array.from({ length: SHARDS }, (_, shard) => this.#shard(collection, shard));
    const found: readonly Match[][] = await Promise.all(shards.map(shard => shard.nearest(query)));
    return found.flat().sort(byNearness).slice(0, query.limit);
  }

  /** What a collection takes, all shards together. */
  async size(collection: Collection): Promise<Size> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => this.#shard(collection, shard));
    const sizes: readonly Size[] = await Promise.all(shards.map(shard => shard.size()));
    const sum = (name: keyof Size) => sizes.reduce((total, size) => total + size[name], 0);
    return { vectors: sum('vectors'), bytesInMemory: sum('bytesInMemory'), bytesOnDisk: sum('bytesOnDisk') };
  }

  #shard(collection: Collection, shard: number) {
    return this.#objects.get(this.#objects.idFromName(`${nameOf(collection)}/${shard}`));
  }
}

/** Ids are digests: any part of one is as good as random. */
function byShard<Item>(items: readonly Item[], idOf: (item: Item) => string): [number, Item[]][] {
  const parts = Map.groupBy(items, item => Number.parseInt(idOf(item).slice(0, 8), 16) % SHARDS);
  return [...parts];
}
