/** One image of a job: of what is there already as much as may be used, of the rest what a backend makes, which is kept. */
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import { type Pixels, type ReuseState, stepsOf } from '../../schema/context.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { Plan } from '../../wire/plan.ts';
import type { KeptRuns } from '../approximate/kept-runs.ts';
import type { Ticket } from '../dispatch/ticket.ts';
import type { EncodingStore } from '../encodings/encoding-store.ts';
import { type Job, mayReuse, recipeOf, sourceOf } from '../generations/job.ts';
import type { IntactLatent, LatentStore, MadeWith } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { IndexedLatents, NewIndexedLatent } from '../similarity/indexed-latents.ts';
import { type StartStores, startTensors } from '../starts/start-tensors.ts';
import { version } from '../version.ts';
import { type Backends, BackendWork, isResume } from './backend-work.ts';
import { findEncodings, keepEncodings } from './encodings-of-job.ts';
import type { KeptProgress } from './kept-progress.ts';
import { persistently } from './persistently.ts';
import { type Report, reportBefore } from './report.ts';
import { restOf, sentWith } from './rest.ts';

export interface DevelopmentStores extends StartStores {
  readonly latents: Pick<IndexedLatents, 'save'> &
    Pick<LatentStore, 'tensor' | 'pixels' | 'intact' | 'keepPixels' | 'keepScore'>;
  readonly encodings: Pick<EncodingStore, 'find' | 'keep'>;
  readonly runs: Pick<KeptRuns, 'stepsOf' | 'keep' | 'read'>;
  readonly progress: KeptProgress;
}

export interface Made {
  /** What it is kept by: another one than was asked for where what it was to go on from is gone. */
  readonly latentKey: string;
  readonly reuse: ReuseState;
  /** What the discriminator said, where it was to be asked. */
  readonly score: number | null;
  readonly madeWith: MadeWith | null;
}

/** An image of a job, and the ticket that it has waited with. */
export interface ImageOrder {
  readonly job: Job;
  readonly index: number;
  readonly ticket: Ticket;
}

/**
 * @param tell told of every change
 * @throws BackendError, BackendUnreachable, RetryLater, the signal's reason
 */
export async function developImage(
  { job, index, ticket }: ImageOrder,
  backends: Backends,
  stores: DevelopmentStores,
  signal: AbortSignal,
  tell: (report: Report) => void,
): Promise<Made> {
  const { latents, runs, progress } = stores;
  const began = Date.now();
  const key = await latentKey(recipeOf(job, index));
  const kept = mayReuse(job.parameters) ? await persistently(() => latents.intact(key)) : null;
  const isScored = job.parameters.score ?? false;
  const work = new BackendWork(reportBefore(job), { ticket, job, backends, progress, isScored, signal, tell });
  if (kept === null) {
    const source = sourceOf(job, index);
    const run = source && (await runs.read(source));
    if (source && !run) {
      // What it was to go on from was deleted meanwhile: it is computed whole, as any other.
      await progress.clear();
      return developImage({ job: { ...job, sources: [] }, index, ticket }, backends, stores, signal, tell);
    }
    return makeAll(job, index, key, run, work, stores);
  }

  for (const stage of [...(job.startPixels ? (['IMAGE_ENCODE'] as const) : []), 'TEXT_ENCODE', 'DENOISE'] as const) {
    work.ended({ stage, ms: stage === 'DENOISE' ? Date.now() - began : 0, backend: null, cached: true });
  }
  const made = await makeRest(job, index, kept, work, latents);
  await progress.clear();
  return made;
}

/** The latent is there. What is not may be its picture, and what the discriminator says of that. */
async function makeRest(
  job: Job,
  index: number,
  { key, hasPixels, score, madeWith }: IntactLatent,
  work: BackendWork,
  latents: DevelopmentStores['latents'],
): Promise<Made> {
  const isScored = job.parameters.score ?? false;
  const lacksScore = isScored && score === null;
  if (hasPixels) work.ended({ stage: 'DECODE', ms: 0, backend: null, cached: true });
  if (isScored && !lacksScore) work.ended({ stage: 'SCORE', ms: 0, backend: null, cached: true });
  const reuse = allBut(job, index, key, !hasPixels);
  if (hasPixels && !lacksScore) return { latentKey: key, reuse, score: isScored ? score : null, madeWith };

  const sent: Readonly<Record<string, Tensor>> = hasPixels
    ? { pixels: await keptPixels(key, latents) }
    : { latent: asBatch(await latents.tensor(key)) };
  const plan = (has: (name: string) => boolean): Plan | null => {
    const needsPixels = !hasPixels && !has('pixels');
    const needsScore = lacksScore && !has('score');
    if (!needsPixels && !needsScore) return null;
    return {
      version: 1,
      checkpoint: job.checkpointDigest,
      stages: [
        ...(needsPixels ? [{ stage: 'DECODE' } as const] : []),
        ...(needsScore ? [{ stage: 'SCORE' } as const] : []),
      ],
      returns: [...(needsPixels ? ['pixels'] : []), ...(needsScore ? ['score'] : [])],
    };
  };
  await work.load();
  await work.finish(({ tensors }) => {
    const rest = plan(name => tensors.has(name));
    return rest && { plan: rest, sent: sentWith(rest, new Map([...Object.entries(sent), ...tensors])) };
  });
  const { tensors: made } = work.soFar;
  const newScore = lacksScore ? scoreIn(made) : null;
  await stored(work, async () => {
    if (!hasPixels) await latents.keepPixels(key, pixelsIn(made));
    if (newScore !== null) await latents.keepScore(key, newScore);
  });
  return { latentKey: key, reuse, score: isScored ? (newScore ?? score) : null, madeWith };
}

/**
 * Denoised here and now, or gone on with where it was interrupted. What encoders make of the prompt and of a picture may be
 * there.
 * @param run what its first steps are taken from; null where all are its own
 */
async function makeAll(
  job: Job,
  index: number,
  key: string,
  run: Readonly<Record<string, Tensor>> | null,
  work: BackendWork,
  stores: DevelopmentStores,
): Promise<Made> {
  const { checkpointDigest, parameters, startPixels } = job;
  const { latents, runs, progress } = stores;
  await work.load();
  const found = mayReuse(parameters)
    ? await persistently(() => findEncodings(job, stores.encodings, latents))
    : { text: null, picture: null };
  if (found.picture) work.ended({ stage: 'IMAGE_ENCODE', ms: 0, backend: null, cached: true });
  if (found.text) work.ended({ stage: 'TEXT_ENCODE', ms: 0, backend: null, cached: true });
  const start = await startTensors(parameters.start, startPixels, found.picture !== null, stores);
  const has = { text: found.text !== null, picture: found.picture !== null };
  const given = Object.entries({ ...found.text, ...found.picture, ...start, ...run });
  // Who goes on from another prompt's steps is no source: what is not quite right is not to be handed on.
  const keepAt = run ? [] : runs.stepsOf(job);
  await work.finish(({ tensors, checkpoint }) => {
    // Where it has a checkpoint of its own, nothing is left of what it went on from.
    const all = new Map([...given.filter(([name]) => !checkpoint || !isResume(name)), ...tensors]);
    const plan = restOf(job, index, has, all, checkpoint, keepAt);
    return plan && { plan, sent: sentWith(plan, all) };
  });
  const { tensors: made } = work.soFar;
  const latent = latentIn(made);
  const pixels = pixelsIn(made);
  const score = parameters.score ? scoreIn(made) : null;
  const madeWith = madeWithOf(work);
  await stored(work, async () => {
    const likeliest = made.get('encoded');
    if (parameters.start && likeliest?.data instanceof Float32Array) {
      const encoded = { data: likeliest.data, dims: likeliest.dims.slice(1) };
      const { latentKey: key } = parameters.start;
      await latents.save({ key, latent: encoded, pixels: null, checkpointDigest, origin: 'SENT', madeWith });
    }
    // After the latent: with the moments there, nobody encodes the picture again.
    await keepEncodings(job, made, stores.encodings);
    const like = likeness(job, new Map([...given, ...made]), has.text);
    const origin = [parameters.start?.latentKey, run && sourceOf(job, index)!.latentKey].filter(each => each != null);
    await latents.save({ key, latent, pixels, score, checkpointDigest, origin, madeWith, ...like });
    await runs.keep(job, index, key, made);
    await progress.clear();
  });
  const reuse: ReuseState = {
    kind: run ? 'APPROXIMATE' : has.text || has.picture ? 'EXACT' : 'NONE',
    skippedSteps: run ? sourceOf(job, index)!.step : 0,
    ofSteps: stepsOf(parameters),
    skippedTextEncoding: has.text,
    skippedDecoding: false,
    sourceKey: run ? sourceOf(job, index)!.latentKey : null,
    similarity: run ? sourceOf(job, index)!.similarity : null,
  };
  return { latentKey: key, reuse, score, madeWith };
}

/** Where backends of several kinds had a part in it, all of them. */
function madeWithOf({ report: { backend }, soFar: { kinds } }: BackendWork): MadeWith {
  // A crash after the last stage leaves nothing to a backend: what had made it is known by its kind.
  const [runtime, executionProvider] = backend
    ? [backend.runtime, backend.executionProvider]
    : (kinds.at(-1) ?? 'unknown, unknown').split(', ');
  return { runtime: runtime!, executionProvider: executionProvider!, darkroom: version, kinds };
}

async function stored(work: BackendWork, keep: () => Promise<void>): Promise<void> {
  work.become({ isStoring: true, preview: null });
  const began = Date.now();
  await persistently(keep);
  work.ended({ stage: 'STORE', ms: Date.now() - began, backend: null, cached: false });
}

/** The latent was there, and with `decoded` nothing but it. How it had come about is still told. */
export function allBut(job: Job, index: number, key: string, decoded: boolean): ReuseState {
  const steps = stepsOf(job.parameters);
  const source = sourceOf(job, index);
  return {
    kind: source ? 'APPROXIMATE' : 'EXACT',
    skippedSteps: steps,
    ofSteps: steps,
    skippedTextEncoding: true,
    skippedDecoding: !decoded,
    sourceKey: source ? source.latentKey : key,
    similarity: source ? source.similarity : null,
  };
}

function asBatch({ data, dims }: FloatTensor): FloatTensor {
  return { data, dims: [1, ...dims] };
}

async function keptPixels(key: string, latents: Pick<LatentStore, 'pixels'>): Promise<Tensor> {
  const pixels = await latents.pixels(key);
  if (pixels === null) throw new Error(`the pixels of latent ${key} are gone`);
  return { data: pixels.data, dims: [1, pixels.height, pixels.width, 3] };
}

/** The only one of a batch of one. @throws BackendUnreachable when a backend is not what it claims to be */
function latentIn(made: ReadonlyMap<string, Tensor>): FloatTensor {
  const latent = made.get('latent');
  if (!(latent?.data instanceof Float32Array)) throw new BackendUnreachable('the backend ended without a latent');
  return { data: latent.data, dims: latent.dims.slice(1) };
}

/** @throws BackendUnreachable */
function pixelsIn(made: ReadonlyMap<string, Tensor>): Pixels {
  const pixels = made.get('pixels');
  const [, height, width] = pixels?.dims ?? [];
  if (!(pixels?.data instanceof Uint8Array) || !height || !width) {
    throw new BackendUnreachable('the backend ended without pixels');
  }
  return { data: pixels.data, height, width };
}

/** @throws BackendUnreachable when a backend did not ask the discriminator */
function scoreIn(made: ReadonlyMap<string, Tensor>): number {
  const score = made.get('score')?.data[0];
  if (typeof score !== 'number') throw new BackendUnreachable('the backend ended without a score');
  return score;
}

/**
 * What the image is found by, and its prompt.
 * @param encoded whether the prompt had been encoded before, and its vectors kept
 */
function likeness(
  { report }: Job,
  tensors: ReadonlyMap<string, Tensor>,
  encoded: boolean,
): Pick<NewIndexedLatent, 'vectors' | 'text'> {
  const vector = (name: string) => {
    const data = tensors.get(name)?.data;
    return data instanceof Float32Array ? data : null;
  };
  const prompt = vector('pooled_prompt_embeds');
  const vectors = { prompt, embedding: vector('embedding') };
  if (encoded) return { vectors };
  const text = { tokenIds: report.modelTokenIds, vectors: { prompt, embedding: vector('text_embedding') } };
  return { vectors, text };
}
