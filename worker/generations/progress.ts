/** How a generation's state changes while it is made. Pure: every change is a new state. */
import {
  type Failure,
  type GenerationState,
  type GenerationStatus,
  type MadeImageState,
  type StageTiming,
  stepsOf,
} from '../../schema/context.ts';
import type { MadeWith } from '../latents/latent-store.ts';
import { type Job, negativeTokenIds } from './job.ts';

const posteriorFirst = ', whose first draw samples the latent of the picture that is the start';

export function queued(id: string, job: Job, createdAt: string): GenerationState {
  const { prompt, negativePrompt, report, parameters } = job;
  return {
    id,
    status: 'QUEUED',
    step: 0,
    steps: stepsOf(parameters) * parameters.count,
    prompt,
    negativePrompt,
    report,
    parameters,
    images: [],
    timings: [],
    record: null,
    failure: null,
    createdAt,
    finishedAt: null,
  };
}

/** A backend has taken the work, or had done it before: from now on it is known how the images are made. */
export function taken(
  state: GenerationState,
  job: Job,
  { runtime, executionProvider, darkroom }: MadeWith,
): GenerationState {
  const { report, parameters } = job;
  return {
    ...state,
    record: {
      checkpointDigest: job.checkpointDigest,
      tokenIds: report.modelTokenIds[0] ?? [],
      negativeTokenIds: negativeTokenIds(job)?.[0] ?? [],
      seed: parameters.seed,
      noise: `torch.randn (CPU generator)${parameters.start?.from === 'IMAGE' ? posteriorFirst : ''}`,
      scheduler: JSON.stringify(job.scheduler),
      dtype: 'float32',
      executionProvider,
      runtime,
      darkroom,
    },
  };
}

/** One image's steps among those of all; never fewer than before. */
export function stepped(state: GenerationState, imageIndex: number, step: number, steps: number): GenerationState {
  const perImage = stepsOf(state.parameters);
  const done = perImage * imageIndex + Math.min(perImage, Math.round((step / steps) * perImage));
  return { ...state, step: Math.max(state.step, done) };
}

/** Times add up over the images; what was computed for one of them was computed. */
export function timed(state: GenerationState, timing: StageTiming): GenerationState {
  const at = state.timings.findIndex(({ stage }) => stage === timing.stage);
  if (at < 0) return { ...state, timings: [...state.timings, timing] };
  const before = state.timings[at]!;
  const both = {
    ...timing,
    ms: before.ms + timing.ms,
    backend: timing.backend ?? before.backend,
    cached: before.cached && timing.cached,
  };
  return { ...state, timings: state.timings.with(at, both) };
}

export function withStatus(state: GenerationState, status: GenerationStatus): GenerationState {
  return { ...state, status };
}

export function withImage(state: GenerationState, image: MadeImageState): GenerationState {
  return { ...state, images: [...state.images, image] };
}

/** Only the images with the best scores, where no more are to be kept; in the order of their seeds. */
export function withBest(state: GenerationState): GenerationState {
  const { keep } = state.parameters;
  if (keep == null) return state;
  const best = [...state.images].sort((a, b) => (b.score?.score ?? 0) - (a.score?.score ?? 0)).slice(0, keep);
  return { ...state, images: state.images.filter(image => best.includes(image)) };
}

/** Whoever had asked for it wants it no more. Images that were ready stay. */
export function cancelled(state: GenerationState, now: string): GenerationState {
  return { ...state, status: 'CANCELLED', finishedAt: now };
}

export function succeeded(state: GenerationState, now: string): GenerationState {
  return { ...state, status: 'SUCCEEDED', step: state.steps, finishedAt: now };
}

/** Images that were ready before the failure stay. */
export function failed(state: GenerationState, failure: Failure, now: string): GenerationState {
  return { ...state, status: 'FAILED', failure, finishedAt: now };
}
