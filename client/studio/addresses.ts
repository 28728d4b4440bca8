/** Where in the studio what is. The worker serves the page at each of these: see worker/http/studio.ts. */

export const createAddress = '/';

/** The link to share. @param id of a generation */
export function generationAddress(id: string): string {
  return `/g/${encodeURIComponent(id)}`;
}

/** @param key of the latent whose like is looked for; none: an empty search */
export function searchAddress(key?: string): string {
  return key === undefined ? '/search' : `/search?like=${key}`;
}

/** What the router takes for its own; all else is left to the browser. */
export const ownAddresses = /^\/(g\/|search|laboratory|map|$|\?)/;
