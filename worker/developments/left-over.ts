import type { LeftOver } from '../deletion/deletion.ts';
import { type Job, recipeOf } from '../generations/job.ts';
import { latentKey } from '../latents/recipe.ts';
import { textKeys } from './encodings-of-job.ts';

/** All that making an image of a job stores. */
export async function leftOverOf(job: Job, index: number): Promise<LeftOver> {
  const { start } = job.parameters;
  const latents = [await latentKey(recipeOf(job, index)), ...(start ? [start.latentKey] : [])];
  return { latents, texts: await textKeys(job) };
}
