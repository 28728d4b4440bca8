/** The way from one latent to another, in pictures. */
import { slerp } from '../../models/interpolate.ts';
import type { LatentState } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { KeptLatents, PicturedLatent } from './kept-latents.ts';

/**
 * @param count how many, from 2, ends included: `t` = 0, 1/(count - 1), …, 1
 * @throws as `KeptLatents.allPictured`
 */
export async function interpolation(
  { kept, store }: { readonly kept: Pick<KeptLatents, 'allPictured'>; readonly store: Pick<LatentStore, 'tensor'> },
  card: CheckpointCard,
  { key: fromKey }: LatentState,
  { key: toKey }: LatentState,
  count: number,
): Promise<PicturedLatent[]> {
  const [from, to] = await Promise.all([store.tensor(fromKey), store.tensor(toKey)]);
  const latents = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      if (i === 0) return { key: fromKey, latent: from };
      if (i === count - 1) return { key: toKey, latent: to };
      const t = i / (count - 1);
      const key = await latentKey({ kind: 'interpolated', version: 1, fromKey, toKey, t });
      return { key, latent: slerp(from, to, t) };
    }),
  );
  return kept.allPictured(card, latents);
}
