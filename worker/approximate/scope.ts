/** Which runs may go on from each other's x_t. */

import { canonicalJson } from '../../schema/canonical-json.ts';
import { type Job, recipeOf } from '../generations/job.ts';
import { sha256 } from '../latents/digest.ts';
import { keptSteps } from './kept-steps.ts';

/**
 * Digest of all that two runs must share for one to go on from the other's x_t: everything that their latents depend on
 * but the prompt and the seed. Null for a run that nobody can go on with.
 */
export async function scopeOf(job: Job): Promise<string | null> {
  if (keptSteps(job).length === 0) return null;
  const { tokenIds: _, seed: __, start: ___, approximate: ____, ...shared } = recipeOf({ ...job, sources: [] }, 0);
  return sha256(canonicalJson({ ...shared, kind: 'scope' }));
}
