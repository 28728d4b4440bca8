/** Prompts of which there are x_t, in the similarity index: which of them are like another one. */

import type { Collection, Match, SimilarityIndex } from '../similarity/similarity-index.ts';
import type { MadeVectors } from '../similarity/spaces.ts';
import { textVectorsKey } from '../similarity/text-vectors.ts';
import type { TextSpace } from './steps-to-skip.ts';

/** A prompt's vector, and those that it can be compared with. */
export interface PlacedText {
  readonly key: string;
  readonly space: TextSpace;
  readonly collection: Collection;
  readonly numbers: Float32Array;
}

/** Null where nothing is known that it could be compared by. */
export async function placedText(
  checkpointDigest: string,
  tokenIds: readonly (readonly number[])[],
  { embedding, prompt }: MadeVectors,
): Promise<PlacedText | null> {
  const space = embedding ? 'EMBEDDING' : 'PROMPT';
  const numbers = embedding ?? prompt;
  if (!numbers) return null;
  const collection: Collection = { checkpointDigest, space, shape: [numbers.length], of: 'TEXTS' };
  return { key: await textVectorsKey(checkpointDigest, tokenIds), space, collection, numbers };
}

/**
 * A row for each text in each collection of the index, written before it is put and deleted after it was taken out: what a crash leaves is
 * found by its row. A text whose row is there and that is not in the index is put with its next source.
 */
export class SourceTexts {
  readonly #index: SimilarityIndex;
  readonly #db: D1Database;

  constructor(index: SimilarityIndex, db: D1Database) {
    this.#index = index;
    this.#db = db;
  }

  /** Writes the row of a text that has a source, in one with that. */
  row({ key, collection }: PlacedText): D1PreparedStatement {
    return this.#db
      .prepare(
        `INSERT INTO source_texts (key, collection) SELECT text, ?2 FROM sources WHERE text = ?1 LIMIT 1
         ON CONFLICT DO NOTHING`,
      )
      .bind(key, JSON.stringify(collection));
  }

  /** Puts a text that has its row into the index. */
  async put({ key, collection, numbers }: PlacedText): Promise<void> {
    await this.#index.put(collection, [{ id: key, numbers }]);
  }

  /** Others that are at least so similar, nearest first; after the last one of the page before. */
  near(text: PlacedText, minSimilarity: number, limit: number, after: Match | null): Promise<readonly Match[]> {
    const { collection, numbers, key } = text;
    return this.#index.nearest(collection, { numbers, limit, minSimilarity, after, except: key });
  }

  /**
   * Takes out those that no source has any more.
   * @param only keys of those to look at; null: whichever they are
   */
  async forgetUnused(only: readonly string[] | null, most = 100): Promise<number> {
    const unused = 'NOT EXISTS (SELECT 1 FROM sources WHERE sources.text = source_texts.key)';
    const { results } = await this.#db
      .prepare(
        `SELECT key, collection FROM source_texts WHERE ${unused}
         AND (?1 IS NULL OR key IN (SELECT value FROM json_each(?1))) LIMIT ?2`,
      )
      .bind(only && JSON.stringify(only), most)
      .all<{ readonly key: string; readonly collection: string }>();
    for (const { key, collection } of results) {
      await this.#index.delete(JSON.parse(collection) as Collection, [key]);
      // One that got a source meanwhile keeps its row, and is put again with the next.
      await this.#db
        .prepare(`DELETE FROM source_texts WHERE key = ? AND collection = ? AND ${unused}`)
        .bind(key, collection)
        .run();
    }
    return results.length;
  }
}
