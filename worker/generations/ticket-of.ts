import { stepsOf } from '../../schema/context.ts';
import type { Ticket } from '../dispatch/ticket.ts';
import { imageId } from '../images/image-id.ts';
import { latentKey } from '../latents/recipe.ts';
import { type Job, mayReuse, recipeOf, sourceOf, usesGuidance } from './job.ts';

/** What an image of a generation waits for a backend with. */
export async function ticketOf(job: Job, generationId: string, index: number, isBegun: boolean): Promise<Ticket> {
  const { parameters, checkpointDigest, caller = 'local' } = job;
  const { width, height, scheduler, score = false } = parameters;
  const id = imageId(generationId, index);
  const what = [checkpointDigest.slice(0, 16), `${width}x${height}`, scheduler, usesGuidance(parameters), score];
  return {
    id,
    generationId,
    // Whoever wants everything computed has a turn of its own.
    turn: mayReuse(parameters) ? await latentKey(recipeOf(job, index)) : id,
    caller,
    order: `${generationId}-${String(index).padStart(4, '0')}`,
    checkpoint: checkpointDigest,
    paceClass: what.join(' '),
    steps: stepsOf(parameters) - (sourceOf(job, index)?.step ?? 0),
    isBegun,
  };
}
