/** After which steps x_t are kept, and of which runs. */
import { createScheduler } from '../../models/schedulers/create.ts';
import type { Job } from '../generations/job.ts';

/** Shares of a run after which its x_t is kept. Nobody goes on from later than half of it. */
const keptShares = [0.1, 0.2, 0.3, 0.4, 0.5] as const;

/**
 * Whether a run can be gone on with by another one: it begins with noise alone, draws none later, and calls the UNet once
 * a step. So it is with DDIM where η is 0, EULER, both DPMPP_2M, UNIPC and FLOW_MATCH_EULER. PNDM and HEUN call it more
 * often, and what they are in the middle of is no step; the others draw noise.
 */
export function isResumable({ scheduler, parameters: { steps, eta, start } }: Job): boolean {
  if (start) return false;
  try {
    const { needsNoise, timesteps } = createScheduler(scheduler, { steps, eta });
    return !needsNoise && timesteps.length === steps;
  } catch (error) {
    // What no scheduler can run is for a backend to refuse.
    if (error instanceof RangeError || (error as Error).name === 'UnsupportedError') return false;
    throw error;
  }
}

/** After how many steps x_t is kept, fewest first; none for a run that nobody can go on with. */
export function keptSteps(job: Job): readonly number[] {
  if (!isResumable(job)) return [];
  const steps = keptShares.map(share => Math.floor(job.parameters.steps * share + 1e-9));
  return [...new Set(steps)].filter(step => step > 0);
}
