/** Makes the next image of a job and tells of every change of the generation's state. */
import type { GenerationState, GenerationStatus, StageTiming } from '../../schema/context.ts';
import type { StageName } from '../../wire/plan.ts';
import { withBackend } from '../backends/patience.ts';
import type { BackendPool } from '../backends/pool.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { IndexedLatents } from '../similarity/indexed-latents.ts';
import { type StartStores, startTensors } from '../starts/start-tensors.ts';
import { develop, type Encodings } from './develop.ts';
import { failureOf, stageOf } from './ending.ts';
import type { Job } from './job.ts';
import { failed, stepped, succeeded, taken, timed, withBest, withImage, withStatus } from './progress.ts';

/** What a generation does after a stage has ended; null: what it did, for nobody waits long for what follows. */
const next = {
  IMAGE_ENCODE: 'ENCODING',
  TEXT_ENCODE: 'DENOISING',
  DENOISE: 'DECODING',
  DECODE: null,
  EMBED: null,
  SCORE: null,
} as const satisfies Record<StageName, string | null>;

function following({ status, parameters }: GenerationState, { stage }: StageTiming): GenerationStatus {
  if (stage === 'DECODE' && parameters.score) return 'SCORING';
  return (stage in next ? next[stage as StageName] : null) ?? status;
}

export interface Progress {
  /** With one more image, or at its end. */
  readonly state: GenerationState;
  /** For the images after this one. */
  readonly encodings: Encodings;
}

export interface Stores extends StartStores {
  readonly latents: Pick<IndexedLatents, 'save'> & Pick<LatentStore, 'tensor'>;
}

export interface Listener {
  /** A backend has begun with the image: from now on it must not be begun again without notice. */
  begun(): void;
  /** Told of every new state but the last, which is returned. It must not throw. */
  changed(state: GenerationState): void;
}

/**
 * @param first the state with the images that there are
 * @param encodings of the prompt and the start, where an earlier image has made them; else empty
 */
export async function makeNextImage(
  job: Job,
  first: GenerationState,
  encodings: Encodings,
  pool: Pick<BackendPool, 'choose'>,
  stores: Stores,
  listener: Listener,
): Promise<Progress> {
  let state = first;
  let isStoring = false;
  const become = (to: GenerationState) => {
    state = to;
    listener.changed(state);
  };
  const index = first.images.length;
  try {
    const start = await startTensors(job.parameters.start, job.startPixels, 'moments' in encodings, stores);
    const developed = await withBackend(pool, job.checkpointDigest, (backend, attempt) =>
      develop(backend, stores.latents, job, state.id, index, encodings, start, {
        queued: attempt.placed,
        started(identity) {
          attempt.begun();
          listener.begun();
          if (index > 0) return;
          const waited = Date.now() - Date.parse(state.createdAt);
          become(timed(state, { stage: 'QUEUE', ms: waited, backend: null, cached: false }));
          become(withStatus(taken(state, job, identity), 'ENCODING'));
        },
        stepped(step, steps) {
          become(stepped(withStatus(state, 'DENOISING'), index, step, steps));
        },
        storing() {
          isStoring = true;
        },
        ended(timing) {
          become(withStatus(timed(state, timing), following(state, timing)));
        },
      }),
    );
    state = withImage(state, developed.image);
    if (index + 1 === job.parameters.count) state = succeeded(withBest(state), new Date().toISOString());
    return { state, encodings: developed.encodings };
  } catch (error) {
    const stage = isStoring ? 'STORE' : stageOf(state, job);
    return { state: failed(state, failureOf(error, stage), new Date().toISOString()), encodings: {} };
  }
}
