import { sha256 as sha256OfBytes } from '../../wire/signature.ts';

/** SHA-256, lower-case hex. Of a text: of its UTF-8. */
export function sha256(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
  return sha256OfBytes(typeof data === 'string' ? new Uint8Array(new TextEncoder().encode(data)) : data);
}
