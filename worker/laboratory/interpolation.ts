/** The way from one latent to another, in pictures. */
import { slerp } from '../../models/interpolate.ts';
import type { LatentState } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { latentKey } from '../latents/recipe.ts';
import type { KeptLatents } from './kept-latents.ts';
import { type LatentReader, storedLatent } from './stored-latent.ts';

/**
 * Keeps the latents between two and their pictures. The two themselves stay as they are: one that is deleted meanwhile does
 * not come back.
 * @param count how many, from 2, ends included: `t` = 0, 1/(count - 1), …, 1
 * @returns the keys, from one end to the other
 * @throws RequestError NOT_FOUND where one of the two is gone or damaged; as `KeptLatents.decodeAll`
 */
export async function interpolation(
  { kept, store }: { readonly kept: Pick<KeptLatents, 'decodeAll'>; readonly store: LatentReader },
  card: CheckpointCard,
  { key: fromKey }: LatentState,
  { key: toKey }: LatentState,
  count: number,
): Promise<string[]> {
  const [from, to] = await Promise.all([storedLatent(store, fromKey), storedLatent(store, toKey)]);
  const between = await Promise.all(
    Array.from({ length: count - 2 }, async (_, i) => {
      const t = (i + 1) / (count - 1);
      const key = await latentKey({ kind: 'interpolated', version: 1, fromKey, toKey, t });
      return { key, latent: slerp(from, to, t) };
    }),
  );
  await kept.decodeAll(card, between, [fromKey, toKey]);
  return [fromKey, ...between.map(({ key }) => key), toKey];
}
