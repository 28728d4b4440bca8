import type { SimilaritySpace } from '../../schema/similarity-service.ts';
import { sha256 } from '../latents/digest.ts';
import { cosine } from './cosine.ts';
import { pool } from './pool.ts';
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

/** Vectorize's own limits. */
const MOST_FOUND = 100;
const MOST_PUT = 1_000;
const MOST_DELETED = 100;
const MOST_READ = 20;

/** Ids are unique over an index, and a latent has one in each space. */
const prefixes = { LATENT: 'l-', EMBEDDING: 'e-', PROMPT: 'p-' } as const satisfies Record<SimilaritySpace, string>;

/** Where vectors are that Vectorize has no room for, by id; null for one that is gone. */
export type Originals = (collection: Collection, id: string) => Promise<Float32Array | null>;

/**
 * Cloudflare Vectorize: one index, metric `cosine`, of any number of dimensions (1,536 is the most there is). Collections
 * are its namespaces. Vectors that are shorter are filled up with zeros, which changes no cosine; longer ones are pooled.
 *
 * What Vectorize finds is a preselection: the 100 nearest, nearly, of what it holds. Their exact similarities are
 * computed here, from whole vectors, so that whatever is found stands in its right place; with vectors that were pooled
 * one of the nearest may be missed. What was put or deleted takes Vectorize some seconds to see.
 */
export class VectorizeIndex implements SimilarityIndex {
  readonly #vectorize: Vectorize;
  readonly #originals: Originals;
  #dimensions: Promise<number> | null = null;

  constructor(vectorize: Vectorize, originals: Originals) {
    this.#vectorize = vectorize;
    this.#originals = originals;
  }

  async put(collection: Collection, vectors: readonly IndexedVector[]): Promise<void> {
    checkVectors(collection, vectors);
    const [namespace, dimensions] = await Promise.all([namespaceOf(collection), this.#indexDimensions()]);
    for (const part of parts(vectors, MOST_PUT)) {
      await this.#vectorize.upsert(
        part.map(({ id, numbers }) => {
          return { id: vectorId(collection, id), values: fitted(numbers, collection, dimensions), namespace };
        }),
      );
    }
  }

  async delete(collection: Collection, ids: readonly string[]): Promise<void> {
    for (const part of parts(ids, MOST_DELETED)) {
      await this.#vectorize.deleteByIds(part.map(id => vectorId(collection, id)));
    }
  }

  async nearest(collection: Collection, query: NearestQuery): Promise<readonly Match[]> {
    checkQuery(collection, query);
    const [namespace, dimensions] = await Promise.all([namespaceOf(collection), this.#indexDimensions()]);
    const options = { topK: MOST_FOUND, namespace, returnValues: false, returnMetadata: 'none' } as const;
    const { matches } = await this.#vectorize.query(fitted(query.numbers, collection, dimensions), options);
    const ids = matches.map(match => keyOf(match.id)).filter(id => id !== query.except);
    const vectors = await this.#read(collection, ids);
    const least = query.minSimilarity ?? -1;
    return ids
      .flatMap((id, i) => (vectors[i] ? [{ id, similarity: cosine(query.numbers, vectors[i]) }] : []))
      .filter(match => match.similarity >= least && (!query.after || byNearness(query.after, match) < 0))
      .sort(byNearness)
      .slice(0, query.limit);
  }

  /** Whole vectors, in the order of the ids. */
  async #read(collection: Collection, ids: readonly string[]): Promise<readonly (Float32Array | null)[]> {
    const length = collection.shape.reduce((product, side) => product * side, 1);
    if (length > (await this.#indexDimensions())) {
      return Promise.all(ids.map(id => this.#originals(collection, id)));
    }
    const found = new Map<string, Float32Array>();
    const read = parts(ids, MOST_READ).map(part => this.#vectorize.getByIds(part.map(id => vectorId(collection, id))));
    for (const { id, values } of (await Promise.all(read)).flat()) {
      found.set(keyOf(id), Float32Array.from(values).subarray(0, length));
    }
    return ids.map(id => found.get(id) ?? null);
  }

  #indexDimensions(): Promise<number> {
    this.#dimensions ??= this.#vectorize.describe().then(
      ({ dimensions }) => dimensions,
      error => {
        this.#dimensions = null;
        throw error;
      },
    );
    return this.#dimensions;
  }
}

/** At most 64 bytes. */
function namespaceOf(collection: Collection): Promise<string> {
  return sha256(nameOf(collection));
}

/** At most 64 bytes: a key has as many without the space, so its digits go two by two. */
function vectorId({ space }: Collection, key: string): string {
  const bytes = key.match(/../g)!.map(digits => Number.parseInt(digits, 16));
  return prefixes[space] + btoa(String.fromCharCode(...bytes));
}

function keyOf(vectorId: string): string {
  const characters = [...atob(vectorId.slice(2))];
  return characters.map(character => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** With as many numbers as the index has. */
function fitted(numbers: Float32Array, { shape }: Collection, dimensions: number): Float32Array {
  const values = new Float32Array(dimensions);
  values.set(pool(numbers, shape, dimensions));
  return values;
}

function parts<Item>(items: readonly Item[], most: number): Item[][] {
  const parts: Item[][] = [];
  for (let begin = 0; begin < items.length; begin += most) parts.push(items.slice(begin, begin + most));
  return parts;
}
