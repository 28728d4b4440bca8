/** x_t of runs that others may go on from: a blob of R2 and a row of D1 for each run. Anything here can be made anew. */
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import { reportDamage } from '../latents/damage.ts';
import { sha256 } from '../latents/digest.ts';
import type { Borrower } from './lent-noise.ts';
import type { PlacedText, SourceTexts } from './source-texts.ts';

export interface NewSource {
  /** Key of the latent that the run has led to, which is kept already. */
  readonly key: string;
  readonly scope: string;
  readonly seed: number;
  readonly text: PlacedText;
  /** As a plan's `keepAt` names them. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** A run that another one may go on from. */
export interface Source {
  readonly key: string;
  readonly text: string;
  readonly seed: number;
}

interface SourceRow extends Source {
  readonly blob: string;
  readonly digest: string;
  readonly used_at: string;
}

/** How exactly it is known when something was used. */
const usePrecisionMs = 60 * 60_000;

export interface SourceStoreOptions {
  readonly bucket: R2Bucket;
  readonly db: D1Database;
  readonly texts: Pick<SourceTexts, 'row' | 'put' | 'forgetUnused'>;
}

export class SourceStore {
  readonly #options: SourceStoreOptions;

  constructor(options: SourceStoreOptions) {
    this.#options = options;
  }

  /** Keeps a run's x_t, as long as its latent is kept. The first of a latent stays. */
  async keep({ key, scope, seed, text, tensors }: NewSource): Promise<void> {
    const { bucket, db, texts } = this.#options;
    const file = writeSafetensors({ ...tensors });
    const digest = await sha256(file);
    // A name of its own: whoever deletes a blob never deletes what somebody else has just put.
    const blob = `steps/${digest}-${crypto.randomUUID()}.safetensors`;
    await bucket.put(blob, file);
    // The row after the blob: what has a row has its blob. Its text's with it: without that nobody would ever find it.
    const [inserted] = await db.batch([
      db
        .prepare(
          `INSERT INTO sources (key, scope, text, seed, blob, digest, bytes, used_at)
           SELECT key, ?, ?, ?, ?, ?, ?, ? FROM latents WHERE key = ? ON CONFLICT (key) DO NOTHING`,
        )
        .bind(scope, text.key, seed, blob, digest, file.byteLength, new Date().toISOString(), key),
      texts.row(text),
    ]);
    if (inserted!.meta.changes === 0) await bucket.delete(blob);
    else await texts.put(text);
  }

  /**
   * One x_t of a run, and what its scheduler remembers, as a plan's `resumeAt` reads them.
   * @returns null where it is gone; what is damaged is dropped, and as if it had never been there
   */
  async read(key: string, step: number): Promise<Readonly<Record<string, Tensor>> | null> {
    const { bucket, db } = this.#options;
    const row = await db.prepare('SELECT * FROM sources WHERE key = ?').bind(key).first<SourceRow>();
    if (row === null) return null;
    const found = await bucket.get(row.blob);
    const file = found && new Uint8Array(await found.arrayBuffer());
    const tensors = file && (await sha256(file)) === row.digest ? tensorsIn(file) : null;
    if (tensors === null) {
      reportDamage(row.blob, { message: `${row.blob} ${file ? 'does not have its digest' : 'is gone'}` });
      // By its blob: somebody may have put it anew meanwhile.
      await this.#forget('key = ? AND blob = ?', key, row.blob);
      return null;
    }
    await this.#touch(row);
    const name = `at_${step}`;
    const ofStep = [...tensors].filter(([each]) => each === name || each.startsWith(`${name}_`));
    if (!tensors.has(name)) return null;
    return Object.fromEntries(ofStep.map(([each, tensor]) => [`resume${each.slice(name.length)}`, tensor]));
  }

  /** Whether there is any run to go on from. */
  async hasAny(scope: string): Promise<boolean> {
    const found = await this.#options.db.prepare('SELECT 1 FROM sources WHERE scope = ? LIMIT 1').bind(scope).first();
    return found !== null;
  }

  /**
   * Runs of some texts, in the texts' order.
   * @param texts nearest first: what is near comes before the limit, however many runs others have
   * @param wanted only runs of this seed, or of any that no other generation of the borrower's prompt was given
   */
  async find(
    texts: readonly string[],
    { scope, text, generationId }: Borrower,
    wanted: { readonly seed: number | null },
    most: number,
  ): Promise<readonly Source[]> {
    const { results } = await this.#options.db
      .prepare(
        `SELECT sources.key, sources.text, sources.seed
         FROM json_each(?2) AS near CROSS JOIN sources ON sources.text = near.value AND sources.scope = ?1
         WHERE EXISTS (SELECT 1 FROM latents WHERE latents.key = sources.key)
         AND CASE WHEN ?3 IS NULL THEN NOT EXISTS (
           SELECT 1 FROM lent_noise WHERE lent_noise.scope = ?1 AND lent_noise.text = ?5
           AND lent_noise.seed = sources.seed AND lent_noise.generation_id != ?6
         ) ELSE sources.seed = ?3 END
         ORDER BY near.key, sources.seed, sources.key LIMIT ?4`,
      )
      .bind(scope, JSON.stringify(texts), wanted.seed, most, text, generationId)
      .all<Source>();
    return results;
  }

  /** Of runs whose latents are deleted, or to make room. @returns bytes that are free again */
  forget(keys: readonly string[]): Promise<number> {
    return this.#forget('key IN (SELECT value FROM json_each(?))', JSON.stringify(keys));
  }

  async #forget(condition: string, ...values: readonly string[]): Promise<number> {
    const { bucket, db, texts } = this.#options;
    const { results } = await db
      .prepare(`DELETE FROM sources WHERE ${condition} RETURNING blob, bytes, text`)
      .bind(...values)
      .all<{ readonly blob: string; readonly bytes: number; readonly text: string }>();
    if (results.length === 0) return 0;
    await bucket.delete(results.map(({ blob }) => blob));
    await texts.forgetUnused([...new Set(results.map(({ text }) => text))]);
    return results.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Not every time: reading must not cost a write. */
  async #touch({ key, used_at }: SourceRow, now = Date.now()): Promise<void> {
    if (now - Date.parse(used_at) < usePrecisionMs) return;
    const update = 'UPDATE sources SET used_at = ? WHERE key = ?';
    await this.#options.db.prepare(update).bind(new Date(now).toISOString(), key).run();
  }
}

function tensorsIn(file: Uint8Array): ReadonlyMap<string, Tensor> | null {
  try {
    return readSafetensors(file);
  } catch (error) {
    if (error instanceof SafetensorsError) return null;
    throw error;
  }
}
