/** A page of a list that has no end in sight. */

export interface Page<T> {
  readonly nodes: readonly T[];
  readonly hasNextPage: boolean;
  /** `after` it lies the next page. Null for an empty page. */
  readonly endCursor: string | null;
  /** How many there are on all pages, where the server says so. */
  readonly totalCount?: number;
}

interface Connection<E> {
  readonly edges: readonly E[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
}

/** @param connection null where the server has no such list: an empty page */
export function pageOf<E, T>(connection: Connection<E> | null | undefined, node: (edge: E) => T): Page<T> {
  if (!connection) return { nodes: [], hasNextPage: false, endCursor: null };
  const { edges, pageInfo, totalCount } = connection;
  return {
    nodes: edges.map(node),
    hasNextPage: pageInfo.hasNextPage,
    endCursor: pageInfo.endCursor,
    ...(totalCount === undefined ? {} : { totalCount }),
  };
}

/** Which part of a list: the newest `first`, or those `after` a page's `endCursor`. */
export interface PageOptions {
  /** At most 24, so that one answer stays within what one request may ask for. Default 20. */
  readonly first?: number;
  readonly after?: string | null;
}

/** All that are on the pages, one after the other, asked for as they are read. */
export async function* allOf<T>(page: (after: string | null) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let after: string | null = null;
  for (;;) {
    const { nodes, hasNextPage, endCursor }: Page<T> = await page(after);
    yield* nodes;
    if (!hasNextPage || endCursor === null) return;
    after = endCursor;
  }
}
