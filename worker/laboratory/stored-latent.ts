import type { FloatTensor } from '../../models/runtime.ts';
import { RequestError } from '../../schema/errors.ts';
import type { LatentStore } from '../latents/latent-store.ts';

export type LatentReader = Pick<LatentStore, 'intact' | 'tensor'>;

/** A latent that a caller has named. @throws RequestError NOT_FOUND where it is gone or damaged by now */
export async function storedLatent(store: LatentReader, key: string): Promise<FloatTensor> {
  if ((await store.intact(key)) === null) throw new RequestError('NOT_FOUND', `There is no latent ${key} any more`);
  return store.tensor(key);
}
