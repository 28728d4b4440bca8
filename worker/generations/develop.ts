/** One image of a job: from its plan to a latent and pixels that are kept. */
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import type { ImageState, Score, Stage, StageTiming } from '../../schema/context.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendIdentity, StageName } from '../../wire/plan.ts';
import type { ReadyBackend } from '../backends/pool.ts';
import { imageId } from '../images/image-id.ts';
import { latentKey } from '../latents/recipe.ts';
import type { IndexedLatents, NewIndexedLatent } from '../similarity/indexed-latents.ts';
import { type Job, planOf, recipeOf, seedOf } from './job.ts';

/**
 * A backend that says nothing for so long is taken for dead, connection or not. While a job waits there it is told so
 * every few seconds; while one runs, a single step may take minutes.
 */
const queuedSilenceMs = 60_000;
const runningSilenceMs = 10 * 60_000;

/** What is told while an image is made. */
export interface Listener {
  /** The backend has it in its queue; told again and again. */
  queued(): void;
  started(backend: BackendIdentity): void;
  /** A stage has ended. */
  ended(timing: StageTiming): void;
  /** @param step of `steps` of this image */
  stepped(step: number, steps: number): void;
  /** The backend has done its part: what fails from now on is ours. */
  storing(): void;
}

/** What was encoded for one image and serves the next: the prompt's embeddings, and what a picture to start from may be. */
export type Encodings = Readonly<Record<string, Tensor>>;

export interface Developed {
  readonly image: ImageState;
  readonly encodings: Encodings;
}

/**
 * @param encodings where an earlier image has made them, else none
 * @param start what to start from, as the plan wants it: a picture where there are no encodings, a latent always
 * @throws BackendError, BackendUnreachable
 */
export async function develop(
  { client }: ReadyBackend,
  latents: Pick<IndexedLatents, 'save'>,
  job: Job,
  generationId: string,
  index: number,
  encodings: Encodings,
  start: Readonly<Record<string, Tensor>>,
  listener: Listener,
): Promise<Developed> {
  const encoded = Object.keys(encodings).length > 0;
  const { checkpointDigest, parameters } = job;
  const tensors = new Map<string, Tensor>(Object.entries(encodings));
  const silence = new Silence(queuedSilenceMs);
  let backend: string | null = null;
  try {
    for await (const frame of client.run(planOf(job, index, encoded), { ...encodings, ...start }, silence.signal)) {
      const { header } = frame;
      if (header.kind === 'queued') {
        silence.begin(queuedSilenceMs);
        listener.queued();
        continue;
      }
      silence.begin(runningSilenceMs);
      for (const [name, tensor] of frame.tensors) tensors.set(name, tensor);
      if (header.kind === 'started') {
        backend = header.backend.name;
        listener.started(header.backend);
      } else if (header.kind === 'step') listener.stepped(header.step, header.steps);
      else listener.ended({ stage: header.stage satisfies StageName & Stage, ms: header.ms, backend, cached: false });
    }
  } finally {
    silence.end();
  }

  const { latent, pixels } = results(tensors);
  listener.storing();
  const began = Date.now();
  const key = await latentKey(recipeOf(job, index));
  const likeliest = tensors.get('encoded');
  if (parameters.start && likeliest?.data instanceof Float32Array) {
    const latent = { data: likeliest.data, dims: likeliest.dims.slice(1) };
    await latents.save({ key: parameters.start.latentKey, latent, pixels: null, checkpointDigest, generationId: null });
  }
  const made = { key, latent, pixels, checkpointDigest, generationId };
  await latents.save({ ...made, ...likeness(job, tensors, encoded) });
  listener.ended({ stage: 'STORE', ms: Date.now() - began, backend: null, cached: false });
  const { width, height } = pixels;
  return {
    image: {
      id: imageId(generationId, index),
      generationId,
      width,
      height,
      seed: seedOf(job, index).seed,
      latentKey: key,
      score: scoreOf(job, tensors),
    },
    encodings: Object.fromEntries(
      [...tensors].filter(([name]) => name === 'moments' || name.endsWith('prompt_embeds')),
    ),
  };
}

/** The only image of a batch of one. @throws BackendUnreachable when a backend is not what it claims to be */
function results(tensors: ReadonlyMap<string, Tensor>) {
  const latent = tensors.get('latent');
  const pixels = tensors.get('pixels');
  if (!(latent?.data instanceof Float32Array) || !(pixels?.data instanceof Uint8Array)) {
    throw new BackendUnreachable('the backend ended without a latent and its pixels');
  }
  const [, height = 0, width = 0] = pixels.dims;
  return {
    latent: { data: latent.data, dims: latent.dims.slice(1) } satisfies FloatTensor,
    pixels: { data: pixels.data, height, width },
  };
}

/**
 * What the image is found by, and its prompt.
 * @param encoded whether an earlier image has had the prompt encoded, and kept its vectors
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

/** @throws BackendUnreachable when a backend is not what it claims to be */
function scoreOf({ parameters, realFrom }: Job, tensors: ReadonlyMap<string, Tensor>): Score | null {
  if (!parameters.score) return null;
  const data = tensors.get('score')?.data;
  if (!(data instanceof Float32Array)) throw new BackendUnreachable('the backend ended without a score');
  const score = data[0]!;
  // Without a threshold nothing is called real.
  return { score, real: realFrom !== null && score >= realFrom };
}

/** Aborts when it has lasted too long. */
class Silence {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(milliseconds: number) {
    this.begin(milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something was heard; nothing may be for so long. */
  begin(milliseconds: number): void {
    this.end();
    const reason = new BackendUnreachable('the backend fell silent');
    this.#timer = setTimeout(() => this.#controller.abort(reason), milliseconds);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
