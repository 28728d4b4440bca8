/** Generations that are as old as they may become, and idempotency keys that no longer count. */
import type { Deletion } from '../deletion/deletion.ts';
import type { GenerationObject } from '../generations/generation-object.ts';
import type { GenerationRows } from '../generations/generation-rows.ts';

export interface RetentionOptions {
  readonly rows: Pick<GenerationRows, 'endedBefore' | 'forgetKeys'>;
  readonly objects: { getByName(id: string): Pick<DurableObjectStub<GenerationObject>, 'delete'> };
  readonly deletion: Pick<Deletion, 'generation'>;
  /** How long after their end generations are kept; null: for ever. */
  readonly retentionMs: number | null;
}

/**
 * @param limit as many are deleted at once
 * @returns how many generations were deleted: as many as the limit, and there may be more
 */
export async function forgetOld(options: RetentionOptions, now: Date, limit: number): Promise<number> {
  const { rows, objects, deletion, retentionMs } = options;
  await rows.forgetKeys(now.toISOString());
  if (retentionMs === null) return 0;
  const ids = await rows.endedBefore(new Date(now.getTime() - retentionMs).toISOString(), limit);
  for (const id of ids) await deletion.generation(id, await objects.getByName(id).delete());
  return ids.length;
}
