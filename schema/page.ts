import type { InputIssue } from './context.ts';
import { InputError } from './errors.ts';
import { sizeUpTo } from './field-cost.ts';
import { decodeOpaque, encodeOpaque } from './opaque.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page that was asked for; cursors are decoded. */
export interface Page {
  readonly size: number;
  /** Whether it is counted from the list's end. */
  readonly backward: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

export interface Connection<Item> {
  readonly edges: readonly { readonly cursor: string; readonly node: Item }[];
  readonly pageInfo: PageInfo;
  /** Asked only when the caller selects it: counting may be dearer than the page. */
  readonly totalCount: () => number | Promise<number>;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** How many objects a page holds at most, for the query's cost. */
export function pageSize(args: Readonly<Record<string, unknown>>): number {
  return sizeUpTo(MAX_PAGE_SIZE, args.first ?? args.last ?? DEFAULT_PAGE_SIZE);
}

/**
 * @param isPlace whether what a cursor holds can be a place in this list
 * @throws InputError for sizes out of range, `first` with `last`, and cursors that are not of this list
 */
export function readPage(args: PageArguments, kind: string, isPlace: (value: string) => boolean): Page {
  const issues: InputIssue[] = [];
  for (const name of ['first', 'last'] as const) {
    const size = args[name];
    if (size == null) continue;
    if (size < 0) issues.push({ path: [name], message: `${name} is ${size}: at least 0` });
    if (size > MAX_PAGE_SIZE) issues.push({ path: [name], message: `${name} is ${size}: at most ${MAX_PAGE_SIZE}` });
  }
  if (args.first != null && args.last != null) {
    issues.push({ path: ['last'], message: 'first and last exclude each other' });
  }
  const cursor = (name: 'after' | 'before'): string | null => {
    const text = args[name];
    if (text == null) return null;
    const decoded = decodeOpaque(text);
    if (decoded?.kind === kind && isPlace(decoded.value)) return decoded.value;
    issues.push({ path: [name], message: `${name} is not a cursor of this list` });
    return null;
  };
  const [after, before] = [cursor('after'), cursor('before')];
  if (issues.length > 0) throw new InputError(issues);
  return { size: args.first ?? args.last ?? DEFAULT_PAGE_SIZE, backward: args.last != null, after, before };
}

/**
 * Cuts a page out of what was loaded.
 *
 * @param loaded up to `page.size + 1` items in the direction of reading: from the list's end when `page.backward`
 */
export function cutPage<Item>(
  page: Page,
  kind: string,
  loaded: readonly Item[],
  cursorOf: (item: Item) => string,
  totalCount: () => number | Promise<number>,
): Connection<Item> {
  const items = loaded.slice(0, page.size);
  if (page.backward) items.reverse();
  const edges = items.map(node => ({ cursor: encodeOpaque(kind, cursorOf(node)), node }));
  const more = loaded.length > page.size;
  return {
    edges,
    totalCount,
    pageInfo: {
      // The item that a cursor names lies outside the page, so on its side there is always something.
      hasNextPage: page.backward ? page.before !== null : more || page.before !== null,
      hasPreviousPage: page.backward ? more || page.after !== null : page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
