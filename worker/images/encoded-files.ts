/** Encoded pictures as files of R2, each with the digest of its bytes. What is damaged counts as not there. */
import { reportDamage } from '../latents/damage.ts';
import { sha256 } from '../latents/digest.ts';

export class EncodedFiles {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#bucket.put(name, bytes, { customMetadata: { sha256: await sha256(bytes) } });
  }

  /** Null where there is none, or not the one that was stored. */
  async get(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const kept = await this.#bucket.get(name);
    if (kept === null) return null;
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (kept.customMetadata?.sha256 === (await sha256(bytes))) return bytes;
    reportDamage(name, { message: `${name} does not have its digest` });
    return null;
  }

  async drop(names: string[]): Promise<void> {
    await this.#bucket.delete(names);
  }
}
