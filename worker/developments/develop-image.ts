/** One image of a job: of what is there already as much as may be used, of the rest what a backend makes, which is kept. */
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import {
  type GenerationStatus,
  type Pixels,
  type ReuseState,
  type StageTiming,
  stepsOf,
} from '../../schema/context.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendIdentity, Plan, StageName } from '../../wire/plan.ts';
import type { KeptRuns } from '../approximate/kept-runs.ts';
import { withBackend } from '../backends/patience.ts';
import type { BackendPool } from '../backends/pool.ts';
import type { EncodingStore } from '../encodings/encoding-store.ts';
import { type Job, mayReuse, planOf, recipeOf, sourceOf } from '../generations/job.ts';
import type { IntactLatent, LatentStore, MadeWith } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { IndexedLatents, NewIndexedLatent } from '../similarity/indexed-latents.ts';
import { type StartStores, startTensors } from '../starts/start-tensors.ts';
import { version } from '../version.ts';
import { findEncodings, keepEncodings } from './encodings-of-job.ts';
import { Silence } from './silence.ts';

/** A backend that says nothing for so long is taken for dead; while one runs, a single step may take minutes. */
const queuedSilenceMs = 60_000;
const runningSilenceMs = 10 * 60_000;

/** What is done after a stage has ended; null: what was done, for nobody waits long for what follows. */
const next = {
  IMAGE_ENCODE: 'ENCODING',
  TEXT_ENCODE: 'DENOISING',
  DENOISE: 'DECODING',
  DECODE: null,
  EMBED: null,
  SCORE: null,
} as const satisfies Record<StageName, GenerationStatus | null>;

export interface DevelopmentStores extends StartStores {
  readonly latents: Pick<IndexedLatents, 'save'> &
    Pick<LatentStore, 'tensor' | 'pixels' | 'intact' | 'keepPixels' | 'keepScore'>;
  readonly encodings: Pick<EncodingStore, 'find' | 'keep'>;
  readonly runs: Pick<KeptRuns, 'stepsOf' | 'keep' | 'read'>;
}

/** How far it is. */
export interface Report {
  readonly status: GenerationStatus;
  /** Of this image. */
  readonly step: number;
  readonly steps: number;
  readonly timings: readonly StageTiming[];
  /** Null until one has begun. */
  readonly backend: BackendIdentity | null;
  /** The backend has done its part: what fails from now on is ours. */
  readonly isStoring: boolean;
}

export interface Made {
  /** What it is kept by: another one than was asked for where what it was to go on from is gone. */
  readonly latentKey: string;
  readonly reuse: ReuseState;
  /** What the discriminator said, where it was to be asked. */
  readonly score: number | null;
  readonly madeWith: MadeWith | null;
}

export function reportBefore(job: Job): Report {
  const steps = stepsOf(job.parameters);
  return { status: 'QUEUED', step: 0, steps, timings: [], backend: null, isStoring: false };
}

/**
 * @param index of the image among those of the job
 * @param tell told of every change
 * @throws BackendError, BackendUnreachable, RetryLater, the signal's reason
 */
export async function developImage(
  job: Job,
  index: number,
  pool: Pick<BackendPool, 'choose'>,
  stores: DevelopmentStores,
  signal: AbortSignal,
  tell: (report: Report) => void,
): Promise<Made> {
  const { latents, runs } = stores;
  const began = Date.now();
  const key = await latentKey(recipeOf(job, index));
  const kept = mayReuse(job.parameters) ? await latents.intact(key) : null;
  const work = new Work(job, pool, signal, tell);
  if (kept === null) {
    const source = sourceOf(job, index);
    const run = source && (await runs.read(source));
    // What it was to go on from was deleted meanwhile: it is computed whole, as any other.
    if (source && !run) return developImage({ ...job, sources: [] }, index, pool, stores, signal, tell);
    return makeAll(job, index, key, run, work, stores);
  }

  for (const stage of work.stagesBefore('DECODE')) {
    work.ended({ stage, ms: stage === 'DENOISE' ? Date.now() - began : 0, backend: null, cached: true });
  }
  return makeRest(job, index, kept, work, latents);
}

/** The latent is there. What is not may be its picture, and what the discriminator says of that. */
async function makeRest(
  job: Job,
  index: number,
  { key, hasPixels, score, madeWith }: IntactLatent,
  work: Work,
  latents: DevelopmentStores['latents'],
): Promise<Made> {
  const isScored = job.parameters.score ?? false;
  const lacksScore = isScored && score === null;
  if (hasPixels) work.ended({ stage: 'DECODE', ms: 0, backend: null, cached: true });
  if (isScored && !lacksScore) work.ended({ stage: 'SCORE', ms: 0, backend: null, cached: true });
  const reuse = allBut(job, index, key, !hasPixels);
  if (hasPixels && !lacksScore) return { latentKey: key, reuse, score: isScored ? score : null, madeWith };

  const made = await work.run(
    {
      version: 1,
      checkpoint: job.checkpointDigest,
      stages: [
        ...(hasPixels ? [] : [{ stage: 'DECODE' } as const]),
        ...(lacksScore ? [{ stage: 'SCORE' } as const] : []),
      ],
      returns: [...(hasPixels ? [] : ['pixels']), ...(lacksScore ? ['score'] : [])],
    },
    hasPixels ? { pixels: await keptPixels(key, latents) } : { latent: asBatch(await latents.tensor(key)) },
  );
  const newScore = lacksScore ? scoreIn(made) : null;
  await work.store(async () => {
    if (!hasPixels) await latents.keepPixels(key, pixelsIn(made));
    if (newScore !== null) await latents.keepScore(key, newScore);
  });
  return { latentKey: key, reuse, score: isScored ? (newScore ?? score) : null, madeWith };
}

/**
 * Denoised here and now. What encoders make of the prompt and of a picture may be there.
 * @param run what its first steps are taken from; null where all are its own
 */
async function makeAll(
  job: Job,
  index: number,
  key: string,
  run: Readonly<Record<string, Tensor>> | null,
  work: Work,
  stores: DevelopmentStores,
): Promise<Made> {
  const { checkpointDigest, parameters, startPixels } = job;
  const { latents, runs } = stores;
  const found = mayReuse(parameters)
    ? await findEncodings(job, stores.encodings, latents)
    : { text: null, picture: null };
  if (found.picture) work.ended({ stage: 'IMAGE_ENCODE', ms: 0, backend: null, cached: true });
  if (found.text) work.ended({ stage: 'TEXT_ENCODE', ms: 0, backend: null, cached: true });
  const start = await startTensors(parameters.start, startPixels, found.picture !== null, stores);
  const has = { text: found.text !== null, picture: found.picture !== null };
  const sent = { ...found.text, ...found.picture, ...start, ...run };
  // Who goes on from another prompt's steps is no source: what is not quite right is not to be handed on.
  const made = await work.run(planOf(job, index, has, run ? [] : runs.stepsOf(job)), sent);
  const latent = latentIn(made);
  const pixels = pixelsIn(made);
  const score = parameters.score ? scoreIn(made) : null;
  const { runtime, executionProvider } = work.backend!;
  const madeWith: MadeWith = { runtime, executionProvider, darkroom: version };
  await work.store(async () => {
    const likeliest = made.get('encoded');
    if (parameters.start && likeliest?.data instanceof Float32Array) {
      const encoded = { data: likeliest.data, dims: likeliest.dims.slice(1) };
      const { latentKey: key } = parameters.start;
      await latents.save({ key, latent: encoded, pixels: null, checkpointDigest, madeWith });
    }
    // After the latent: with the moments there, nobody encodes the picture again.
    await keepEncodings(job, made, stores.encodings);
    const all = new Map([...Object.entries(sent), ...made]);
    const like = likeness(job, all, has.text);
    await latents.save({ key, latent, pixels, score, checkpointDigest, madeWith, ...like });
    await runs.keep(job, index, key, made);
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

/** What backends do for one image, and the report of it. */
class Work {
  readonly #job: Job;
  readonly #pool: Pick<BackendPool, 'choose'>;
  readonly #signal: AbortSignal;
  readonly #tell: (report: Report) => void;
  #report: Report;

  constructor(job: Job, pool: Pick<BackendPool, 'choose'>, signal: AbortSignal, tell: (report: Report) => void) {
    this.#job = job;
    this.#pool = pool;
    this.#signal = signal;
    this.#tell = tell;
    this.#report = reportBefore(job);
  }

  get backend(): BackendIdentity | null {
    return this.#report.backend;
  }

  stagesBefore(_: 'DECODE'): ('IMAGE_ENCODE' | 'TEXT_ENCODE' | 'DENOISE')[] {
    return [...(this.#job.startPixels ? (['IMAGE_ENCODE'] as const) : []), 'TEXT_ENCODE', 'DENOISE'];
  }

  ended(timing: StageTiming): void {
    this.#become({ timings: [...this.#report.timings, timing] });
  }

  /** @returns what the plan returns, by name */
  run(plan: Plan, sent: Readonly<Record<string, Tensor>>): Promise<ReadonlyMap<string, Tensor>> {
    const [first] = plan.stages;
    return withBackend(
      this.#pool,
      this.#job.checkpointDigest,
      async ({ client }, attempt) => {
        const made = new Map<string, Tensor>();
        const silence = new Silence(queuedSilenceMs);
        const either = AbortSignal.any([silence.signal, this.#signal]);
        try {
          for await (const { header, tensors } of client.run(plan, sent, either)) {
            if (header.kind === 'queued') {
              silence.begin(queuedSilenceMs);
              attempt.placed();
              continue;
            }
            silence.begin(runningSilenceMs);
            for (const [name, tensor] of tensors) made.set(name, tensor);
            if (header.kind === 'started') {
              attempt.begun();
              this.#become({ backend: header.backend, status: statusIn(first!.stage) });
            } else if (header.kind === 'step') {
              this.#become({ status: 'DENOISING', step: header.step, steps: header.steps });
            } else {
              const { stage, ms } = header;
              const timing = { stage, ms, backend: this.backend?.name ?? null, cached: false };
              const following = stage === 'DECODE' && this.#job.parameters.score ? 'SCORING' : next[stage];
              const status = following ?? this.#report.status;
              this.#become({ timings: [...this.#report.timings, timing], status });
            }
          }
        } finally {
          silence.end();
        }
        return made;
      },
      this.#signal,
    );
  }

  async store(keep: () => Promise<void>): Promise<void> {
    this.#become({ isStoring: true });
    const began = Date.now();
    await keep();
    this.ended({ stage: 'STORE', ms: Date.now() - began, backend: null, cached: false });
  }

  #become(change: Partial<Report>): void {
    this.#report = { ...this.#report, ...change };
    this.#tell(this.#report);
  }
}

function statusIn(stage: StageName): GenerationStatus {
  const statuses: Partial<Record<StageName, GenerationStatus>> = {
    DENOISE: 'DENOISING',
    DECODE: 'DECODING',
    SCORE: 'SCORING',
  };
  return statuses[stage] ?? 'ENCODING';
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
