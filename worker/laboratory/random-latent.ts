import { TorchGenerator } from '../../models/noise.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import type { ImageSize } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { RandomRecipe } from '../latents/recipe.ts';

/**
 * Standard normal noise of a latent's shape: what a generation with this seed and size begins from, before the scheduler
 * makes it as strong as its first timestep wants it.
 */
export function randomNoise(
  { digest: checkpoint, latentShape: [channels], latentScale }: CheckpointCard,
  seed: number,
  { width, height }: ImageSize,
): { readonly recipe: RandomRecipe; readonly latent: FloatTensor } {
  const shape = [channels, height / latentScale, width / latentScale];
  const recipe = { kind: 'random', version: 1, checkpoint, seed: seed % 2 ** 32, shape } as const;
  return { recipe, latent: { data: new TorchGenerator(seed).randn(shape).data, dims: shape } };
}
