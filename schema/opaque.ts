/*
 * Node ids and cursors: a type prefix and a value, in base64url so that nobody is tempted to take them apart. Values
 * are ASCII (ids, digests, indices).
 */

export function encodeOpaque(kind: string, value: string): string {
  return btoa(`${kind}:${value}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Far more than any of ours has; no store is asked for what is longer. */
const MOST_CHARACTERS = 300;

/** Null for anything that `encodeOpaque` did not write. */
export function decodeOpaque(text: string): { readonly kind: string; readonly value: string } | null {
  if (text.length > MOST_CHARACTERS) return null;
  let plain: string;
  try {
    plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
  const colon = plain.indexOf(':');
  const decoded = { kind: plain.slice(0, Math.max(colon, 0)), value: plain.slice(colon + 1) };
  // Base64 has several spellings of the same bytes; an id has one.
  return encodeOpaque(decoded.kind, decoded.value) === text ? decoded : null;
}
