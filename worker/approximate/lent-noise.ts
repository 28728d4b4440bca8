import type { JobSource } from '../generations/job.ts';

/** A prompt within a scope, which noise is given to. */
export interface Borrower {
  readonly scope: string;
  /** The key of its vectors. */
  readonly text: string;
  readonly generationId: string;
}

/** What an image goes on from, and the key by which its latent is then kept. */
export interface Decided {
  readonly source: JobSource;
  readonly latentKey: string;
}

interface DecidedRow {
  readonly source: string | null;
  readonly made: string;
}

/** What was decided for a noise, as long as it comes to the same: its latent is there, or what that would go on from. */
const earlier = `
  FROM lent_noise AS other WHERE other.scope = ?1 AND other.text = ?2 AND other.seed = ?3 AND (
    EXISTS (SELECT 1 FROM latents WHERE latents.key = other.made)
    OR EXISTS (SELECT 1 FROM sources WHERE sources.key = other.source ->> 'latentKey')
  ) ORDER BY other.generation_id LIMIT 1`;

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

  /**
   * Notes what a prompt with this noise goes on from, whoever else has it. Asked and written at once, so that of requests
   * that come together all go on from the same.
   * @returns what was decided for the first of them
   */
  async decide({ scope, text, generationId }: Borrower, seed: number, decided: Decided): Promise<Decided> {
    const row = await this.#db
      .prepare(
        `INSERT INTO lent_noise (scope, text, seed, generation_id, source, made)
         SELECT ?1, ?2, ?3, id, COALESCE((SELECT source ${earlier}), ?5), COALESCE((SELECT made ${earlier}), ?6)
         FROM generations WHERE id = ?4
         ON CONFLICT DO UPDATE SET source = excluded.source, made = excluded.made RETURNING source, made`,
      )
      .bind(scope, text, seed, generationId, JSON.stringify(decided.source), decided.latentKey)
      .first<DecidedRow>();
    return decidedIn(row) ?? decided;
  }

  /** Null where nothing was decided, or neither the latent nor what it would go on from is there any more. */
  async decided({ scope, text }: Omit<Borrower, 'generationId'>, seed: number): Promise<Decided | null> {
    const query = this.#db.prepare(`SELECT source, made ${earlier}`).bind(scope, text, seed);
    return decidedIn(await query.first<DecidedRow>());
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

function decidedIn(row: DecidedRow | null): Decided | null {
  return row?.source ? { source: JSON.parse(row.source) as JobSource, latentKey: row.made } : null;
}
