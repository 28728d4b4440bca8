/** Whose noise a prompt was given: asked again without a seed, it is given another one's, so that pictures stay different. */
export class LentNoise {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Gives a prompt the noise of a seed, once. Asked and written at once, so that of requests that come together one has it.
   * @returns false where another generation has it
   */
  async lend(scope: string, text: string, seed: number, generationId: string): Promise<boolean> {
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO lent_noise (scope, text, seed, generation_id) SELECT ?, ?, ?, id FROM generations WHERE id = ?
         ON CONFLICT (scope, text, seed) DO UPDATE SET generation_id = excluded.generation_id
         WHERE generation_id = excluded.generation_id`,
      )
      .bind(scope, text, seed, generationId)
      .run();
    return meta.changes > 0;
  }

  /** Of these seeds, those that the prompt has not been given. */
  async notLent(scope: string, text: string, seeds: readonly number[]): Promise<readonly number[]> {
    const { results } = await this.#db
      .prepare('SELECT seed FROM lent_noise WHERE scope = ? AND text = ? AND seed IN (SELECT value FROM json_each(?))')
      .bind(scope, text, JSON.stringify(seeds))
      .all<{ readonly seed: number }>();
    const lent = new Set(results.map(({ seed }) => seed));
    return seeds.filter(seed => !lent.has(seed));
  }
}
