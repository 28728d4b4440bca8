import type { GenerationState } from '../../schema/context.ts';
import type { Job } from '../generations/job.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { SourceChooser } from './source-chooser.ts';

/**
 * Decides what the next image goes on from, where that is not decided yet. Without a seed of the caller's, the run that
 * the first image goes on from says which seed the generation has.
 * @returns null where there is nothing to decide
 */
export async function decideSource(
  job: Job,
  { id, images }: Pick<GenerationState, 'id' | 'images'>,
  chooser: Pick<SourceChooser, 'choose'>,
): Promise<Job | null> {
  const { parameters, sources = [] } = job;
  const index = images.length;
  if (parameters.reuse !== 'APPROXIMATE' || sources.length > index) return null;
  const seedIsFree = (parameters.isSeedDrawn ?? false) && index === 0;
  // It saves work where it can: that it cannot is no reason to fail.
  const choice = await chooser.choose(job, index, id, seedIsFree).catch((error: unknown) => {
    logUnexpected(error, 'approximate reuse');
    return null;
  });
  const decided = [...sources, choice?.source ?? null];
  const seed = choice && seedIsFree ? choice.seed : parameters.seed;
  return { ...job, sources: decided, parameters: { ...parameters, seed } };
}
