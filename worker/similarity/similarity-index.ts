/** Vectors found by what they are like. What stores them is for the deployer to choose. */
import type { SimilaritySpace } from '../../schema/similarity-service.ts';
export interface SimilarityIndex {
  /** Puts vectors, in place of those with the same ids. @throws VectorError */
  put(collection: Collection, vectors: readonly IndexedVector[]): Promise<void>;
  /** Ids that are not there are no mistake. */
  delete(collection: Collection, ids: readonly string[]): Promise<void>;
  /** Nearest first; equally near ones in the order of their ids. @throws VectorError */
  nearest(collection: Collection, query: NearestQuery): Promise<readonly Match[]>;
}

/** Vectors that can be compared with each other. */
export interface Collection {
  /** SHA-256 in lower-case hex. */
  readonly checkpointDigest: string;
  readonly space: SimilaritySpace;
  /** What the numbers of a vector are, outermost first: `[channels, height, width]`, or `[dimensions]`. */
  readonly shape: readonly number[];
  /** Absent: of latents. TEXTS: of prompts, which are never found among latents. */
  readonly of?: 'TEXTS';
}

export interface IndexedVector {
  /** A latent's key, or a text's: 64 lower-case hex digits. */
  readonly id: string;
  readonly numbers: Float32Array;
}

export interface NearestQuery {
  readonly numbers: Float32Array;
  /** 1 to `MOST_MATCHES`. */
  readonly limit: number;
  /** Nothing less similar. */
  readonly minSimilarity?: number | null;
  /** The last match of the page before: only what comes after it, whatever was put or deleted since. */
  readonly after?: Match | null;
  /** An id that is not to be found. */
  readonly except?: string | null;
}

export interface Match {
  readonly id: string;
  /** Cosine. */
  readonly similarity: number;
}

/** What cannot be a vector of its collection, or a query of one. The message says what was expected. */
export class VectorError extends RangeError {
  override readonly name = 'VectorError';
}

export const MOST_MATCHES = 200;

/** A megabyte as float32: well within the 2 MB of a row. */
export const MOST_DIMENSIONS = 262_144;

/** Where a match stands: nearest first, then by id. For sorting. */
export function byNearness(a: Match, b: Match): number {
  return b.similarity - a.similarity || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export function dimensionsOf({ shape }: Collection): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A collection as a name, for stores that know names only. */
export function nameOf({ checkpointDigest, space, shape, of }: Collection): string {
  return `${space}/${shape.join('x')}/${checkpointDigest}${of ? `/${of}` : ''}`;
}

/** @throws VectorError for ids, lengths and numbers with which cosines would have no meaning */
export function checkVectors(collection: Collection, vectors: readonly IndexedVector[]): void {
  for (const { id, numbers } of vectors) {
    if (!/^[0-9a-f]{64}$/.test(id)) throw new VectorError(`id ${id.slice(0, 80)}: expected 64 lower-case hex digits`);
    checkNumbers(collection, numbers);
  }
}

/** @throws VectorError */
export function checkQuery(collection: Collection, { numbers, limit, minSimilarity }: NearestQuery): void {
  checkNumbers(collection, numbers);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_MATCHES) {
    throw new VectorError(`a limit of ${limit}: expected 1 to ${MOST_MATCHES}`);
  }
  if (minSimilarity != null && !(minSimilarity >= -1 && minSimilarity <= 1)) {
    throw new VectorError(`a least similarity of ${minSimilarity}: expected -1 to 1`);
  }
}

function checkNumbers(collection: Collection, numbers: Float32Array): void {
  const dimensions = dimensionsOf(collection);
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MOST_DIMENSIONS) {
    throw new VectorError(`a shape of [${collection.shape}]: expected 1 to ${MOST_DIMENSIONS} numbers`);
  }
  if (numbers.length !== dimensions) {
    throw new VectorError(`a vector of ${numbers.length} numbers: expected ${dimensions}, [${collection.shape}]`);
  }
  const bad = numbers.find(number => !Number.isFinite(number));
  if (bad !== undefined) throw new VectorError(`a vector that holds ${bad}: expected finite numbers`);
  if (numbers.every(number => number === 0)) throw new VectorError('a vector of zeros has no direction to compare');
}
