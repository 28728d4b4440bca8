/** What encoders made, kept by what they were given: blobs in R2, rows in D1. Anything here can be made anew. */
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import { reportDamage } from '../latents/damage.ts';
import { sha256 } from '../latents/digest.ts';

/** By the names that plans have for them. */
export type Encoding = Readonly<Record<string, Tensor>>;

interface EncodingRow {
  readonly key: string;
  readonly digest: string;
  readonly blob: string;
  readonly used_at: string;
}

/** How exactly it is known when something was used. */
const usePrecisionMs = 60 * 60_000;

/**
 * A row for each, although a blob could be named by its key: the row has the digest to compare its bytes with, and the
 * time of the last use, by which room is made.
 */
export class EncodingStore {
  readonly #bucket: R2Bucket;
  readonly #db: D1Database;

  constructor(bucket: R2Bucket, db: D1Database) {
    this.#bucket = bucket;
    this.#db = db;
  }

  /** Null where it was never made. What is damaged is dropped, and as if it had never been made. */
  async find(key: string): Promise<Encoding | null> {
    const row = await this.#db.prepare('SELECT * FROM encodings WHERE key = ?').bind(key).first<EncodingRow>();
    if (row === null) return null;
    const encoding = await this.#read(row);
    if (encoding === null) {
      await this.#bucket.delete(row.blob);
      await this.#db.prepare('DELETE FROM encodings WHERE key = ? AND blob = ?').bind(key, row.blob).run();
    } else await this.#touch(row);
    return encoding;
  }

  async keep(key: string, encoding: Encoding): Promise<void> {
    const file = writeSafetensors({ ...encoding });
    const digest = await sha256(file);
    // A name of its own: whoever deletes a blob never deletes what somebody else has just put.
    const blob = `encodings/${digest}-${crypto.randomUUID()}.safetensors`;
    await this.#bucket.put(blob, file);
    // The row last: what has a row has its blob.
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO encodings (key, digest, blob, bytes, used_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (key) DO NOTHING`,
      )
      .bind(key, digest, blob, file.byteLength, new Date().toISOString())
      .run();
    if (meta.changes === 0) await this.#bucket.delete(blob);
  }

  async #read({ digest, blob: name }: EncodingRow): Promise<Encoding | null> {
    const blob = await this.#bucket.get(name);
    const file = blob && new Uint8Array(await blob.arrayBuffer());
    if (file === null || (await sha256(file)) !== digest) {
      reportDamage(name, { message: file ? `${name} does not have its digest` : `${name} is gone` });
      return null;
    }
    try {
      return Object.fromEntries(readSafetensors(file));
    } catch (error) {
      if (error instanceof SafetensorsError) return null;
      throw error;
    }
  }

  /** Not every time: reading must not cost a write. */
  async #touch({ key, used_at }: EncodingRow, now = Date.now()): Promise<void> {
    if (now - Date.parse(used_at) < usePrecisionMs) return;
    const update = 'UPDATE encodings SET used_at = ? WHERE key = ?';
    await this.#db.prepare(update).bind(new Date(now).toISOString(), key).run();
  }
}
