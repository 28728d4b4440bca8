/**
 * Addresses that work without headers: the path, and a token that only this server can make. Who has the address has
 * the file; who does not cannot guess it.
 */
const encoder = new TextEncoder();

/** `path?token=…` @param path from the slash on, as it is routed */
export async function signPath(secret: string, path: string): Promise<string> {
  const token = await crypto.subtle.sign('HMAC', await hmacKey(secret), encoder.encode(path));
  return `${path}?token=${toBase64Url(new Uint8Array(token))}`;
}

/** Whether the token is the path's. Compared in constant time. */
export async function isSigned(secret: string, path: string, token: string | null): Promise<boolean> {
  const signature = fromBase64Url(token ?? '');
  if (signature === null) return false;
  return crypto.subtle.verify('HMAC', await hmacKey(secret), signature, encoder.encode(path));
}

/** What only this server can make of a text that is no path: 64 lower-case hex digits. */
export async function sealOf(secret: string, text: string): Promise<string> {
  const seal = await crypto.subtle.sign('HMAC', await hmacKey(secret), encoder.encode(text));
  return Array.from(new Uint8Array(seal), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether it is the text's. Compared in constant time. */
export async function isSealed(secret: string, text: string, seal: string): Promise<boolean> {
  const bytes = Uint8Array.from(seal.match(/[0-9a-f]{2}/g) ?? [], pair => Number.parseInt(pair, 16));
  return crypto.subtle.verify('HMAC', await hmacKey(secret), bytes, encoder.encode(text));
}

function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign', 'verify']);
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Null for what is not 32 bytes in base64url. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return null;
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), char => char.charCodeAt(0));
}
