/** Has the next image of a job made, and tells of every change of the generation's state. */
import type { Failure, GenerationState, ReuseState, StageTiming } from '../../schema/context.ts';
import { allBut } from '../developments/develop-image.ts';
import type { Snapshot } from '../developments/development.ts';
import type { Order } from '../developments/development-object.ts';
import type { Report } from '../developments/report.ts';
import type { Ticket } from '../dispatch/ticket.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { imageId } from '../images/image-id.ts';
import type { MadeWith } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { version } from '../version.ts';
import { interrupted } from './ending.ts';
import { type Job, recipeOf, seedOf, sourceOf } from './job.ts';
import { failed, stepped, succeeded, taken, timed, withBest, withImage, withStatus } from './progress.ts';

/** How often a latent may be gone again when it is to be held. */
const mostAttempts = 3;
/** How often a development's process may be dead without having got further, and how long before it is asked again: twice as long each time. */
const mostDeaths = 6;
const deathPauseMs = 500;
/** After rows could not be written: how long until it is tried again. */
const holdRetryMs = 1_000;

/** Makes latents, each once for all who want it at the same time. */
export interface Developments {
  watch(order: Order, waiter: string, seen: number): Promise<Snapshot>;
}

export interface Holder {
  /** @returns false where the latent or the generation is gone */
  holdImage(job: Job, generationId: string, latentKey: string): Promise<boolean>;
}

export interface Listener {
  /** Told of every new state but the last, which is returned. It must not throw. */
  changed(state: GenerationState, preview: Report['preview']): void;
  /** Nobody wants it any more. */
  isStopped(): boolean;
}

/**
 * @param first the state with the images that there are
 * @param ticket what the image has waited with
 * @returns with one more image, or at its end; null where it was stopped
 */
export async function makeNextImage(
  job: Job,
  first: GenerationState,
  ticket: Ticket,
  developments: Developments,
  holder: Holder,
  listener: Listener,
): Promise<GenerationState | null> {
  const index = first.images.length;
  const order = { job, index, ticket, latentKey: await latentKey(recipeOf(job, index)) };
  const waiter = imageId(first.id, index);
  const end = (failure: Failure) => failed(state, failure, new Date().toISOString());
  let state = first;
  let seen = 0;
  let deaths = 0;
  for (let attempt = 1; ; ) {
    if (listener.isStopped()) return null;
    const snapshot = await developments.watch(order, waiter, seen).catch((error: unknown) => {
      logUnexpected(error, 'development');
      return null;
    });
    if (listener.isStopped()) return null;
    if (snapshot === null) {
      // It has died: what it had made is kept, and gone on with.
      if (++deaths > mostDeaths) return end(interrupted);
      await new Promise(resolve => setTimeout(resolve, deathPauseMs * 2 ** (deaths - 1)));
      seen = 0;
      continue;
    }
    seen = snapshot.version;
    const { report, outcome, isFirst } = snapshot;
    const madeWith = outcome?.kind === 'made' ? outcome.made.madeWith : report.backend;
    if (report.backend || report.timings.length > 0) {
      // Whoever shares it may have asked for a score that this one did not.
      const timings = report.timings.filter(({ stage }) => stage !== 'SCORE' || job.parameters.score);
      state = withTimings(first, state, isFirst ? timings : timings.map(asCached));
    }
    if ((report.backend || outcome?.kind === 'made') && state.record === null) {
      state = taken(state, job, { ...unknown, ...(report.backend && { darkroom: version }), ...madeWith });
    }
    // Another kind may have taken it over.
    const kinds = madeWith && 'kinds' in madeWith && madeWith.kinds ? madeWith.kinds : report.kinds;
    state = withKinds(state, [...(first.record?.kinds ?? []), ...kinds]);
    const status = report.status === 'SCORING' && !job.parameters.score ? 'DECODING' : report.status;
    if (status !== 'QUEUED') state = withStatus(state, status);
    if (report.step > 0) {
      const before = state.step;
      state = stepped(state, index, report.step, report.steps);
      if (state.step > before) deaths = 0;
    }
    if (outcome?.kind === 'failed') return end(outcome.failure);
    if (outcome === null) {
      listener.changed(state, report.preview);
      continue;
    }
    if (job.parameters.score && outcome.made.score === null) {
      // It was made for somebody who did not ask for a score: the latent is there now, and only that is to be made.
      if (attempt++ >= mostAttempts) return end(interrupted);
      seen = 0;
      continue;
    }
    const { made } = outcome;
    const isHeld = await hold(holder, job, state.id, made.latentKey);
    if (listener.isStopped()) return null;
    if (isHeld) {
      // What it was to go on from was gone: all of it was computed.
      const asMade = made.latentKey === order.latentKey ? job : { ...job, sources: [] };
      const reuse = isFirst ? made.reuse : allBut(asMade, index, made.latentKey, false);
      const image = imageOf(asMade, state.id, { ...order, latentKey: made.latentKey }, reuse, made.score);
      state = withImage(stepped(state, index, 1, 1), image);
      return state.images.length < job.parameters.count ? state : succeeded(withBest(state), new Date().toISOString());
    }
    // Deleted or evicted in this very moment: it is made again.
    if (attempt++ >= mostAttempts) return end(interrupted);
    seen = 0;
  }
}

/** What is made and stored is not lost for an error that passes. @throws the last error */
async function hold(holder: Holder, job: Job, id: string, key: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await holder.holdImage(job, id, key);
    } catch (error) {
      if (attempt >= mostAttempts) throw error;
      logUnexpected(error, 'hold');
      await new Promise(resolve => setTimeout(resolve, holdRetryMs));
    }
  }
}

const unknown: MadeWith = { runtime: 'unknown', executionProvider: 'unknown', darkroom: 'unknown' };

function imageOf(
  { parameters, ...job }: Job,
  generationId: string,
  { index, latentKey }: Order,
  reuse: ReuseState,
  score: number | null,
) {
  const { width, height } = parameters;
  const source = sourceOf({ ...job, parameters }, index);
  return {
    id: imageId(generationId, index),
    generationId,
    width,
    height,
    seed: seedOf({ ...job, parameters }, index).seed,
    latentKey,
    reuse,
    ...(source && { approximate: { latentKey: source.latentKey, step: source.step } }),
    // Whoever shares it may have asked for a score that this one did not. Without a threshold nothing is called real.
    score: score === null || !parameters.score ? null : { score, real: job.realFrom !== null && score >= job.realFrom },
  };
}

/** Those of the images before, and of this one. Whoever has waited for the first image has waited in a queue. */
function withTimings(first: GenerationState, now: GenerationState, ofImage: readonly StageTiming[]): GenerationState {
  const queue = now.timings.find(({ stage }) => stage === 'QUEUE') ?? {
    stage: 'QUEUE',
    ms: Date.now() - Date.parse(now.createdAt),
    backend: null,
    cached: false,
  };
  const before = first.timings.length > 0 ? first.timings : [queue];
  const { timings } = ofImage.reduce(timed, { ...now, timings: before });
  return { ...now, timings };
}

/** Every kind once, in the order in which they came. */
function withKinds(state: GenerationState, kinds: readonly string[]): GenerationState {
  if (state.record === null || kinds.length === 0) return state;
  return { ...state, record: { ...state.record, kinds: [...new Set(kinds)] } };
}

function asCached(timing: StageTiming): StageTiming {
  return { ...timing, cached: true };
}
