/** x_t have room of their own: they are many, and all of them can be made anew. */
import type { SourceStore } from './source-store.ts';

export interface RoomOptions {
  readonly db: D1Database;
  readonly sources: Pick<SourceStore, 'forget'>;
}

/**
 * Where x_t take more than `above` bytes, forgets those that were not used for longest, until they take no more than
 * `until`.
 * @param most how many runs may go
 */
export async function makeRoomForSteps(
  { db, sources }: RoomOptions,
  { above, until }: { readonly above: number; readonly until: number },
  most: number,
): Promise<{ readonly entries: number; readonly bytes: number }> {
  const sum = await db.prepare('SELECT SUM(bytes) AS bytes FROM sources').first<{ readonly bytes: number | null }>();
  const held = sum?.bytes ?? 0;
  if (held <= above) return { entries: 0, bytes: 0 };
  const { results } = await db
    .prepare('SELECT key, bytes FROM sources ORDER BY used_at, key LIMIT ?')
    .bind(most)
    .all<{ readonly key: string; readonly bytes: number }>();
  let left = held - until;
  const oldest = results.filter(({ bytes }) => {
    const goes = left > 0;
    left -= bytes;
    return goes;
  });
  return { entries: oldest.length, bytes: await sources.forget(oldest.map(({ key }) => key)) };
}
