import type { Pixels } from '../../schema/context.ts';
import { sha256 } from './digest.ts';
import { latentKey } from './recipe.ts';

/** SHA-256 of a picture's values. */
export function pixelsDigest({ data }: Pixels): Promise<string> {
  return sha256(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
}

/** Of a picture's likeliest latent. @param pixels brought to their size @param digest of them */
export function encodedKey(checkpoint: string, { width, height }: Pixels, digest: string): Promise<string> {
  return latentKey({ kind: 'encoded', version: 1, checkpoint, pixels: digest, width, height });
}
