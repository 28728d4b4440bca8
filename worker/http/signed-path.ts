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
