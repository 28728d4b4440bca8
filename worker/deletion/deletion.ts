/** Deleting is deleting: rows, files and vectors, as far as nobody else uses them. */

import type { SourceStore } from '../approximate/source-store.ts';
import { encodingKey } from '../encodings/encoding-recipe.ts';
import { imageBlobs, sheetBlobs } from '../images/image-names.ts';
import { compressedBlob } from '../laboratory/laboratory-files.ts';
import type { LatentRow } from '../latents/latent-rows.ts';
import type { LatentIndex } from '../similarity/latent-index.ts';

export interface DeletionOptions {
  readonly db: D1Database;
  readonly bucket: R2Bucket;
  readonly vectors: Pick<LatentIndex, 'remove'>;
  readonly sources: Pick<SourceStore, 'forget'>;
}

/** Whether a kept generation has a latent as an image of its own, or starts from it. */
const held = "EXISTS (SELECT 1 FROM uses WHERE uses.key = latents.key AND role IN ('IMAGE', 'START'))";

/** What may be there of an image that was being made when nobody wanted it any more: no row says whose it is. */
export interface LeftOver {
  /** Keys of latents: its own, and the one that it starts from. */
  readonly latents: readonly string[];
  /** Keys of encodings of texts. */
  readonly texts: readonly string[];
}

/** Rows go first, all at once: nothing finds what is half deleted, and the sweep finds the files that a crash leaves. */
export class Deletion {
  readonly #options: DeletionOptions;

  constructor(options: DeletionOptions) {
    this.#options = options;
  }

  /**
   * A generation that does not run, and what it alone has used; and the contact sheet that it is part of, which lacks it from
   * now on.
   * @param leftOver of the image that it was making
   * @returns whether there was one
   */
  async generation(id: string, leftOver: LeftOver | null = null): Promise<boolean> {
    const { db } = this.#options;
    const its = 'key IN (SELECT key FROM uses WHERE generation_id = ?1)';
    const ofItsSheet = (column: string) =>
      `${column} = (SELECT sheet_id FROM contact_sheet_cells WHERE generation_id = ?1)`;
    const onlyIts = (table: string) =>
      `${its} AND NOT EXISTS (SELECT 1 FROM uses AS other WHERE other.key = ${table}.key AND other.generation_id != ?1)`;
    const [latents, encodings, uses, generations, sheets] = await db.batch<StoredBlobs>(
      [
        `DELETE FROM latents WHERE ${onlyIts('latents')} RETURNING *`,
        `DELETE FROM encodings WHERE ${onlyIts('encodings')} RETURNING blob`,
        'DELETE FROM uses WHERE generation_id = ?1 RETURNING start_blob',
        'DELETE FROM generations WHERE id = ?1 RETURNING id',
        `DELETE FROM contact_sheets WHERE ${ofItsSheet('id')} RETURNING picture_blob`,
        `DELETE FROM contact_sheet_cells WHERE ${ofItsSheet('sheet_id')}`,
        'DELETE FROM lent_noise WHERE generation_id = ?1',
      ].map(sql => db.prepare(sql).bind(id)),
    );
    await Promise.all(latents!.results.map(row => this.#filesOf(row)));
    for (const { blob } of encodings!.results) await this.#unlessUsed('encodings', 'blob', blob);
    for (const { start_blob: blob } of uses!.results) await this.#unlessUsed('uses', 'start_blob', blob);
    for (const { picture_blob: blob } of sheets!.results) await this.#sheetFiles(blob);
    if (leftOver) await this.leftOver(leftOver);
    return generations!.results.length > 0;
  }

  /** A contact sheet without its generations. */
  async contactSheet(id: string): Promise<void> {
    const { db } = this.#options;
    const [sheets] = await db.batch<SheetBlob>(
      [
        'DELETE FROM contact_sheets WHERE id = ? RETURNING picture_blob',
        'DELETE FROM contact_sheet_cells WHERE sheet_id = ?',
      ].map(sql => db.prepare(sql).bind(id)),
    );
    for (const { picture_blob: blob } of sheets!.results) await this.#sheetFiles(blob);
  }

  /** HELD: a kept generation has it as an image of its own, or starts from it. */
  async latent(key: string): Promise<'DELETED' | 'HELD' | 'UNKNOWN'> {
    const { db } = this.#options;
    const { results } = await db
      .prepare(`DELETE FROM latents WHERE key = ? AND NOT ${held} RETURNING *`)
      .bind(key)
      .all<LatentRow>();
    const [row] = results;
    if (row) {
      await this.#filesOf(row);
      return 'DELETED';
    }
    const there = await db.prepare('SELECT key FROM latents WHERE key = ?').bind(key).first();
    return there === null ? 'UNKNOWN' : 'HELD';
  }

  /** A latent that no generation has anything to do with. */
  async removeUnused(key: string): Promise<void> {
    const { results } = await this.#options.db
      .prepare(
        'DELETE FROM latents WHERE key = ? AND NOT EXISTS (SELECT 1 FROM uses WHERE uses.key = latents.key) RETURNING *',
      )
      .bind(key)
      .all<LatentRow>();
    for (const row of results) await this.#filesOf(row);
  }

  /** As far as nobody uses it. */
  async leftOver({ latents, texts }: LeftOver): Promise<void> {
    const { db } = this.#options;
    for (const key of latents) {
      await this.removeUnused(key);
      const there = await db.prepare('SELECT 1 FROM latents WHERE key = ?').bind(key).first();
      // They may have come when the latent was deleted already.
      if (there === null) await this.encoding(await encodingKey({ kind: 'picture', version: 1, latentKey: key }));
    }
    const { results } = await db
      .prepare(
        `DELETE FROM encodings WHERE key IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM uses WHERE uses.key = encodings.key) RETURNING blob`,
      )
      .bind(JSON.stringify(texts))
      .all<EncodingBlob>();
    for (const { blob } of results) await this.#unlessUsed('encodings', 'blob', blob);
  }

  /** What was encoded, to be encoded anew when it is asked for. */
  async encoding(key: string): Promise<void> {
    const { results } = await this.#options.db
      .prepare('DELETE FROM encodings WHERE key = ? RETURNING blob')
      .bind(key)
      .all<EncodingBlob>();
    for (const { blob } of results) await this.#unlessUsed('encodings', 'blob', blob);
  }

  /**
   * A latent's pixels and files, to be decoded anew when somebody looks at it.
   * @param blob where the pixels are
   * @returns false where they have others by now, or a kept generation holds the latent: then nothing is deleted
   */
  async picture(key: string, blob: string): Promise<boolean> {
    const { db, bucket } = this.#options;
    const { meta } = await db
      .prepare(`UPDATE latents SET pixels_blob = '' WHERE key = ? AND pixels_blob = ? AND NOT ${held}`)
      .bind(key, blob)
      .run();
    if (meta.changes === 0) return false;
    await bucket.delete(imageBlobs(key));
    await this.#unlessUsed('latents', 'pixels_blob', blob);
    return true;
  }

  /** What similar prompts could go on from. The latent that it has led to stays. */
  steps(key: string): Promise<number> {
    return this.#options.sources.forget([key]);
  }

  /** All that belongs to a latent whose row is gone. */
  async #filesOf({ key, checkpoint_digest, shape, latent_blob, pixels_blob, vectors_blob }: LatentRow): Promise<void> {
    const { bucket, vectors, sources } = this.#options;
    const vectorsBlob = vectors_blob;
    const latent = { key, checkpointDigest: checkpoint_digest, shape: JSON.parse(shape) as number[], vectorsBlob };
    const picture = await encodingKey({ kind: 'picture', version: 1, latentKey: key });
    await Promise.all([
      vectors.remove(latent),
      sources.forget([key]),
      bucket.delete([...imageBlobs(key), compressedBlob(key)]),
      this.encoding(picture),
      this.#unlessUsed('latents', 'latent_blob', latent_blob),
      this.#unlessUsed('latents', 'pixels_blob', pixels_blob),
    ]);
  }

  async #sheetFiles(blob: string): Promise<void> {
    if (blob !== '') await this.#options.bucket.delete(sheetBlobs(blob));
  }

  /** Blobs were once named by what they hold: two rows may share one of those. */
  async #unlessUsed(table: string, column: string, blob: string): Promise<void> {
    if (blob === '') return;
    const { db, bucket } = this.#options;
    const user = await db.prepare(`SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`).bind(blob).first();
    if (user === null) await bucket.delete(blob);
  }
}

type StoredBlobs = LatentRow & StartBlob & EncodingBlob & SheetBlob;

interface StartBlob {
  readonly start_blob: string;
}

interface EncodingBlob {
  readonly blob: string;
}

interface SheetBlob {
  readonly picture_blob: string;
}
