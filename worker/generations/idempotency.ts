/** Keys by which a caller says that two requests are one. */
import type { Idempotency } from '../../schema/context.ts';
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

/** What was used before is forgotten. */
export function expiredBefore(now: string): string {
  return new Date(Date.parse(now) - keptMs).toISOString();
}
