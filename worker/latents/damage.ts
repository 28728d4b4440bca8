import type { DamagedBlob } from './tensor-blobs.ts';

/** One line for every entry of the cache that was dropped as it was not what its digest says: they are counted by it. */
export function reportDamage(entry: string, { message }: Pick<DamagedBlob, 'message'>): void {
  console.warn(JSON.stringify({ level: 'warn', where: 'cache', event: 'damaged entry dropped', entry, message }));
}
