/** What a crash leaves of runs to go on from: rows whose latent, run or generation is gone. */
import type { SourceStore } from './source-store.ts';
import type { SourceTexts } from './source-texts.ts';

export interface TidyOptions {
  readonly db: D1Database;
  readonly sources: Pick<SourceStore, 'forget'>;
  readonly texts: Pick<SourceTexts, 'forgetUnused'>;
}

/** @returns how many there were, at most `most` of each kind */
export async function tidySources({ db, sources, texts }: TidyOptions, most: number): Promise<number> {
  const { results } = await db
    .prepare('SELECT key FROM sources WHERE NOT EXISTS (SELECT 1 FROM latents WHERE latents.key = sources.key) LIMIT ?')
    .bind(most)
    .all<{ readonly key: string }>();
  if (results.length > 0) await sources.forget(results.map(({ key }) => key));
  const unused = await texts.forgetUnused(null, most);
  const { meta } = await db
    .prepare('DELETE FROM lent_noise WHERE NOT EXISTS (SELECT 1 FROM generations WHERE id = generation_id)')
    .run();
  return results.length + unused + meta.changes;
}
