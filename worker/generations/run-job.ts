/** Runs a whole job and tells of every change of its state. */

import type { Tensor } from '../../models/runtime.ts';
import type { GenerationState } from '../../schema/context.ts';
import type { StageName } from '../../wire/plan.ts';
import { withBackend } from '../backends/patience.ts';
import type { BackendPool } from '../backends/pool.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { develop } from './develop.ts';
import { failureOf, stageOf } from './ending.ts';
import type { Job } from './job.ts';
import { failed, stepped, succeeded, taken, timed, withImage, withStatus } from './progress.ts';

/** What a generation does after a stage has ended. */
const next = { TEXT_ENCODE: 'DENOISING', DENOISE: 'DECODING', DECODE: 'DECODING' } as const satisfies Record<
  StageName,
  string
>;

/**
 * @param changed told of every new state, the end included; it must not throw
 * @returns the end
 */
export async function runJob(
  job: Job,
  first: GenerationState,
  pool: BackendPool,
  latents: LatentStore,
  changed: (state: GenerationState) => void,
): Promise<GenerationState> {
  let state = first;
  const become = (to: GenerationState) => {
    state = to;
    changed(state);
  };
  let embeddings: Readonly<Record<string, Tensor>> = {};
  try {
    for (let index = 0; index < job.parameters.count; index++) {
      const developed = await withBackend(pool, job.checkpointDigest, (backend, begun) =>
        develop(backend, latents, job, state.id, index, embeddings, {
          started(identity) {
            begun();
            if (index > 0) return;
            const waited = Date.now() - Date.parse(state.createdAt);
            become(timed(state, { stage: 'QUEUE', ms: waited, backend: null, cached: false }));
            become(withStatus(taken(state, job, identity), 'ENCODING'));
          },
          stepped(step, steps) {
            become(stepped(withStatus(state, 'DENOISING'), index, step, steps));
          },
          ended(timing) {
            const following = timing.stage in next ? next[timing.stage as StageName] : state.status;
            become(withStatus(timed(state, timing), following));
          },
        }),
      );
      embeddings = developed.embeddings;
      become(withImage(state, developed.image));
    }
    become(succeeded(state, new Date().toISOString()));
  } catch (error) {
    become(failed(state, failureOf(error, stageOf[state.status] ?? null), new Date().toISOString()));
  }
  return state;
}
