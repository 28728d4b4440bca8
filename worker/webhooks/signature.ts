/** Signatures by which a receiver knows that a call is this server's: https://www.standardwebhooks.com */
import { ConfigurationError } from '../configuration-error.ts';

const encoder = new TextEncoder();

/** Bytes. */
const shortest = 24;
const longest = 64;

/**
 * The key of `whsec_` and base64.
 * @returns 24 to 64 bytes
 * @throws ConfigurationError naming WEBHOOK_SECRET, without what it holds
 */
export function readSecret(text: string): Uint8Array<ArrayBuffer> {
  const key = text.startsWith('whsec_') ? fromBase64(text.slice('whsec_'.length)) : null;
  if (key === null || key.length < shortest || key.length > longest) {
    throw new ConfigurationError(
      `WEBHOOK_SECRET must be whsec_ and base64 of ${shortest} to ${longest} random bytes, ` +
        'such as what this prints: echo "whsec_$(openssl rand -base64 32)"',
    );
  }
  return key;
}

/**
 * What the header `webhook-signature` has: HMAC-SHA256 of `id.timestamp.body`.
 * @param timestamp whole seconds since 1970
 * @example await sign(readSecret('whsec_…'), 'msg_1', 1614265330, '{}') // 'v1,…'
 */
export async function sign(
  secret: Uint8Array<ArrayBuffer>,
  id: string,
  timestamp: number,
  body: string,
): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(`${id}.${timestamp}.${body}`));
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
}

/** Null for what is not base64 as the standard has it, `=` included: receivers' libraries take nothing else. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  return Uint8Array.from(atob(text), char => char.charCodeAt(0));
}
