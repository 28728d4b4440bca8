/** A prompt within a scope, which noise is given to. */
export interface Borrower {
  readonly scope: string;
  /** The key of its vectors. */
  readonly text: string;
  readonly generationId: string;
}

/** Whose noise a prompt was given: asked again without a seed, it is given another one's, so that pictures stay different. */
export class LentNoise {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Gives a prompt the noises of all of a generation's images, unless another generation has one of them. Asked and written
   * at once, so that of requests that come together one has them; asked again, the same generation has them still.
   * @param seeds of noise, below 2^32
   * @returns false where another generation has one, or this one is deleted
   */
  async lend({ scope, text, generationId }: Borrower, seeds: readonly number[]): Promise<boolean> {
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO lent_noise (scope, text, seed, generation_id)
         SELECT ?1, ?2, wanted.value, generations.id FROM generations, json_each(?3) AS wanted
         WHERE generations.id = ?4 AND NOT EXISTS (
           SELECT 1 FROM lent_noise AS other WHERE other.scope = ?1 AND other.text = ?2
           AND other.seed IN (SELECT value FROM json_each(?3)) AND other.generation_id != ?4
         )
         ON CONFLICT DO UPDATE SET generation_id = excluded.generation_id`,
      )
      .bind(scope, text, JSON.stringify(seeds), generationId)
      .run();
    return meta.changes > 0;
  }

  /** Notes that a prompt has the noise that was asked for with its seed, whoever else has it. */
  async note({ scope, text, generationId }: Borrower, seed: number): Promise<void> {
    await this.#db
      .prepare(
        `INSERT INTO lent_noise (scope, text, seed, generation_id) SELECT ?, ?, ?, id FROM generations WHERE id = ?
         ON CONFLICT DO NOTHING`,
      )
      .bind(scope, text, seed, generationId)
      .run();
  }

  /** Of these seeds, those that no other generation of the prompt was given. */
  async notLent({ scope, text, generationId }: Borrower, seeds: readonly number[]): Promise<ReadonlySet<number>> {
    const { results } = await this.#db
      .prepare(
        `SELECT seed FROM lent_noise WHERE scope = ? AND text = ? AND generation_id != ?
         AND seed IN (SELECT value FROM json_each(?))`,
      )
      .bind(scope, text, generationId, JSON.stringify(seeds))
      .all<{ readonly seed: number }>();
    const lent = new Set(results.map(({ seed }) => seed));
    return new Set(seeds.filter(seed => !lent.has(seed)));
  }
}
