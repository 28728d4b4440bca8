import { GraphQLError } from 'graphql';

/** What one request may ask for. Everything here is checked before anything runs. */
export interface QueryLimits {
  /** Lexical tokens of the document. */
  readonly tokens: number;
  /** Fields within fields; introspection aside, which graphql-js bounds by a rule of its own. */
  readonly depth: number;
  readonly rootFields: number;
  readonly aliases: number;
  /** One for each field, times the sizes of the lists that it is in. */
  readonly cost: number;
  /** Images as `dataUri`, times the sizes of the lists that they are in, as far as those are known before. */
  readonly inlineImages: number;
  /** Latents that a backend must decode to show them; those that are kept as pictures aside. */
  readonly decodings: number;
  /** Pictures between latents, ends included. */
  readonly interpolations: number;
  /** Searches for similar latents. */
  readonly searches: number;
  /** Pictures that are sent: to be searched with, encoded, compressed, judged or classified. */
  readonly pictures: number;
  /** Calls of `embed`, each with up to 256 images. */
  readonly embeddings: number;
}

export const QUERY_LIMITS: QueryLimits = {
  tokens: 2_000,
  depth: 12,
  rootFields: 10,
  aliases: 15,
  cost: 10_000,
  inlineImages: 10,
  decodings: 10,
  interpolations: 64,
  searches: 10,
  pictures: 2,
  embeddings: 1,
};

/** Names the limit and what was found instead. */
export function tooComplex(what: string, found: number | string, limit: number): GraphQLError {
  return new GraphQLError(`The query has ${found} ${what}: at most ${limit}`, {
    extensions: { code: 'TOO_COMPLEX', http: { spec: true, status: 400 } },
  });
}
