/** What is looked for, and where. Texts and latents are in the page's address; a file is not. */
import type { Likeness, SimilaritySpace } from '../../../sdk/index.ts';

export type Query =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'latent'; readonly key: string }
  | { readonly kind: 'file'; readonly file: File };

const spacesOf: Readonly<Record<Query['kind'], readonly SimilaritySpace[]>> = {
  text: ['EMBEDDING', 'PROMPT'],
  latent: ['EMBEDDING', 'LATENT', 'PROMPT'],
  file: ['EMBEDDING', 'LATENT'],
};

/** The spaces in which it can be looked for, of those that the checkpoint has. */
export function spacesFor(query: Query | null, has: readonly SimilaritySpace[]): SimilaritySpace[] {
  return spacesOf[query?.kind ?? 'latent'].filter(space => has.includes(space));
}

export function likenessOf(query: Query): Likeness {
  switch (query.kind) {
    case 'text':
      return { text: query.text };
    case 'latent':
      return { latentKey: query.key };
    case 'file':
      return { image: query.file };
  }
}

/** What an address asks for; null: nothing. @param parameters of the address, decoded */
export function readAddress(parameters: Readonly<Record<string, string>>): Query | null {
  const { text, like } = parameters;
  if (like !== undefined && /^[0-9a-f]{64}$/.test(like)) return { kind: 'latent', key: like };
  return text === undefined || text.trim() === '' ? null : { kind: 'text', text };
}

/** The address of a search for a text or a latent. */
export function addressOf(query: Exclude<Query, { kind: 'file' }>, space: SimilaritySpace): string {
  const parameters = new URLSearchParams(query.kind === 'text' ? { text: query.text } : { like: query.key });
  if (space !== 'EMBEDDING') parameters.set('space', space);
  return `/search?${parameters}`;
}
