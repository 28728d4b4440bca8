/** Which generation uses what, as rows of D1: nothing goes that somebody else uses. */

/** IMAGE, START: it stays as long as the generation. SPARE, TEXT: it goes with the last that uses it, if not before. */
export type UseRole = 'IMAGE' | 'START' | 'SPARE' | 'TEXT';

export class Uses {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** @returns false where the latent or the generation is gone, or was never there */
  async holdImage(generationId: string, latentKey: string, texts: readonly string[]): Promise<boolean> {
    const insert = (role: UseRole, condition: string, key: string) =>
      this.#db
        .prepare(
          `INSERT INTO uses (key, generation_id, role) SELECT ?, id, ? FROM generations WHERE id = ? AND ${condition}
           ON CONFLICT DO UPDATE SET role = excluded.role`,
        )
        .bind(key, role, generationId, key);
    const [held] = await this.#db.batch([
      insert('IMAGE', 'EXISTS (SELECT 1 FROM latents WHERE key = ?)', latentKey),
      ...texts.map(key => insert('TEXT', 'EXISTS (SELECT 1 FROM encodings WHERE key = ?)', key)),
    ]);
    return held!.meta.changes > 0;
  }

  /** Of its images, the generation keeps these alone; the others' latents may stay as long as there is room. */
  async keepImages(generationId: string, latentKeys: readonly string[]): Promise<void> {
    await this.#db
      .prepare(
        `UPDATE OR REPLACE uses SET role = 'SPARE' WHERE generation_id = ? AND role = 'IMAGE'
         AND key NOT IN (SELECT value FROM json_each(?))`,
      )
      .bind(generationId, JSON.stringify(latentKeys))
      .run();
  }
}
