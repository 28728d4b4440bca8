import { builder } from './builder.ts';
import { PageInfoType } from './connection.ts';
import { InputError } from './errors.ts';
import { LatentType } from './latent.ts';
import { encodeOpaque } from './opaque.ts';
import { type Page, type PageArguments, type PageInfo, readPage } from './page.ts';
import type { SimilaritySpace, SimilarLatent, SimilarPlace, SimilarSearch } from './similarity-service.ts';

const CURSOR = 'Similar';

interface SimilarEdge extends SimilarLatent {
  readonly cursor: string;
}

export interface SimilarConnection {
  readonly edges: readonly SimilarEdge[];
  readonly pageInfo: PageInfo;
}

const SimilarEdgeType = builder.objectRef<SimilarEdge>('SimilarEdge').implement({
  description: 'A latent that was found, and how near it is.',
  fields: t => ({
    cursor: t.exposeString('cursor', { description: 'Its place in what is found, for `after`. Opaque.' }),
    similarity: t.exposeFloat('similarity', { description: 'Cosine, -1 to 1.' }),
    node: t.field({ type: LatentType, description: 'The latent.', resolve: edge => edge.latent }),
  }),
});

export const SimilarConnectionType = builder.objectRef<SimilarConnection>('SimilarConnection').implement({
  description: 'A page of latents, nearest first; equally near ones by their keys.',
  fields: t => ({
    edges: t.field({
      type: [SimilarEdgeType],
      description: 'The latents of this page.',
      resolve: ({ edges }) => [...edges],
    }),
    pageInfo: t.field({
      type: PageInfoType,
      description: 'Where this page lies in what is found.',
      resolve: ({ pageInfo }) => pageInfo,
    }),
  }),
});

export interface SearchArguments extends Pick<PageArguments, 'first' | 'after'> {
  readonly space: SimilaritySpace;
  readonly minSimilarity?: number | null | undefined;
}

/**
 * Searches for a page.
 * @param search answers at most `limit` of them
 * @throws InputError for arguments out of range
 */
export async function searchPage(
  args: SearchArguments,
  search: (search: SimilarSearch) => Promise<readonly SimilarLatent[]>,
): Promise<SimilarConnection> {
  const { page, minSimilarity } = readArguments(args);
  const after = readPlace(page.after);
  // One more than is shown, to know whether there is a further page.
  const found = await search({ space: args.space, limit: page.size + 1, minSimilarity, after });
  const edges = found
    .slice(0, page.size)
    .map(each => ({ ...each, cursor: encodeOpaque(CURSOR, writePlace(each.similarity, each.latent.key)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length > page.size,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function readArguments({ minSimilarity = null, ...args }: SearchArguments): {
  readonly page: Page;
  readonly minSimilarity: number | null;
} {
  const page = readPage(args, CURSOR, value => readPlace(value) !== null);
  // Written so that NaN is refused too.
  if (minSimilarity !== null && !(minSimilarity >= -1 && minSimilarity <= 1)) {
    const message = `minSimilarity is ${minSimilarity}: from -1 to 1`;
    throw new InputError([{ path: ['minSimilarity'], message }]);
  }
  return { page, minSimilarity };
}

/** A similarity to the bit, so that the next page begins behind the very latent. */
function writePlace(similarity: number, key: string): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, similarity);
  return view.getBigUint64(0).toString(16).padStart(16, '0') + key;
}

function readPlace(text: string | null): SimilarPlace | null {
  const [, bits, key] = /^([0-9a-f]{16})([0-9a-f]{64})$/.exec(text ?? '') ?? [];
  if (bits === undefined) return null;
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  const similarity = view.getFloat64(0);
  return similarity >= -1 && similarity <= 1 ? { similarity, key: key! } : null;
}
