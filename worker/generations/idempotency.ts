/** Keys by which a caller says that two requests are one. */
import type { Idempotency } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import { sha256 } from '../latents/digest.ts';

const keptMs = 24 * 60 * 60_000;

export interface IdempotencyKey {
  /** Two callers' keys have nothing to do with each other. */
  readonly caller: string;
  readonly key: string;
  readonly inputDigest: string;
}

export async function idempotencyKey(caller: string, { key, input }: Idempotency): Promise<IdempotencyKey> {
  return { caller, key, inputDigest: await sha256(input) };
}

/** Where keys are looked up. */
export interface UsedKeys {
  usedFor(used: IdempotencyKey, now: string): Promise<{ readonly id: string; readonly inputDigest: string } | null>;
}

/**
 * The id of what an idempotency key was used for; null where it was not.
 * @throws RequestError IDEMPOTENCY_CONFLICT
 */
export async function usedBefore(keys: UsedKeys, used: IdempotencyKey): Promise<string | null> {
  const before = await keys.usedFor(used, new Date().toISOString());
  if (before === null) return null;
  if (before.inputDigest === used.inputDigest) return before.id;
  throw new RequestError(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency key was used with another input within the last 24 hours: use a new key for another input',
  );
}

/** What was used before is forgotten. */
export function expiredBefore(now: string): string {
  return new Date(Date.parse(now) - keptMs).toISOString();
}

/**
 * Statements that note what a key is used for, to be run with those that store it. They fail where the key was used
 * within the day.
 * @param table where a row with this id says that it is stored
 */
export function useKey(
  db: D1Database,
  { caller, key, inputDigest }: IdempotencyKey,
  { id, createdAt }: { readonly id: string; readonly createdAt: string },
  table: 'generations' | 'contact_sheets',
): D1PreparedStatement[] {
  return [
    db
      .prepare('DELETE FROM idempotency_keys WHERE caller = ? AND key = ? AND created_at < ?')
      .bind(caller, key, expiredBefore(createdAt)),
    db
      .prepare(
        `INSERT INTO idempotency_keys (caller, key, input_digest, generation_id, created_at)
         SELECT ?, ?, ?, id, created_at FROM ${table} WHERE id = ?`,
      )
      .bind(caller, key, inputDigest, id),
  ];
}
