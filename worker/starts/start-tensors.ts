import type { Tensor } from '../../models/runtime.ts';
import type { GenerationStart } from '../../schema/context.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { StartPixels } from './start-pixels.ts';

export interface StartStores {
  readonly latents: Pick<LatentStore, 'tensor'>;
  readonly starts: Pick<StartPixels, 'load'>;
}

/**
 * What an image starts from, as the plan wants it.
 * @param pixels where the picture is kept that it starts from, if it is one
 * @param isEncoded whether the picture has been encoded for an earlier image
 * @throws DamagedBlob
 */
export async function startTensors(
  start: GenerationStart | null | undefined,
  pixels: string | null | undefined,
  isEncoded: boolean,
  { latents, starts }: StartStores,
): Promise<Readonly<Record<string, Tensor>>> {
  if (!start) return {};
  if (pixels) return isEncoded ? {} : { image: await starts.load(pixels) };
  const { data, dims } = await latents.tensor(start.latentKey);
  return { start_latent: { data, dims: [1, ...dims] } };
}
