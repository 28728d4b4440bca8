import type { LeftOver } from '../deletion/deletion.ts';
import { type Job, recipeOf, sourceOf } from '../generations/job.ts';
import { latentKey } from '../latents/recipe.ts';
import { textKeys } from './encodings-of-job.ts';

/** All that making an image of a job stores. */
export async function leftOverOf(job: Job, index: number): Promise<LeftOver> {
  const { start } = job.parameters;
  // Where what it was to go on from is gone, it is made as if it had never been.
  const recipes = [recipeOf(job, index), ...(sourceOf(job, index) ? [recipeOf({ ...job, sources: [] }, index)] : [])];
  const latents = [...(await Promise.all(recipes.map(latentKey))), ...(start ? [start.latentKey] : [])];
  return { latents, texts: await textKeys(job) };
}
