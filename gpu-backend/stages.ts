import { Posterior } from '../models/autoencoder/posterior.ts';
import { CheckpointError } from '../models/checkpoint/error.ts';
import type { Conditioning } from '../models/conditioning.ts';
import type { DenoiseStep, Resume } from '../models/denoise.ts';
import { ModelError } from '../models/model-error.ts';
import { ParameterError } from '../models/parameter-error.ts';
import type { PipelineStart, StableDiffusionPipeline } from '../models/pipeline.ts';
import { fromPixels } from '../models/pixels.ts';
import { joined } from '../models/rows.ts';
import type { FloatTensor, Tensor } from '../models/runtime.ts';
import { UnsupportedError } from '../models/unsupported.ts';
import type {
  BackendErrorCode,
  DenoisePlan,
  EmbedPlan,
  FrameHeader,
  Plan,
  StageName,
  StagePlan,
  StartPlan,
  TextEncodePlan,
} from '../wire/plan.ts';
import type { JobOutcome } from './metrics.ts';
import { Previews } from './previews.ts';
import { isRetryable, RequestRefused } from './refusal.ts';

/** A frame that is about to be sent. */
export interface OutgoingFrame {
  readonly header: FrameHeader;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** What a plan runs on. */
export type Models = Pick<
  StableDiffusionPipeline,
  | 'encodeText'
  | 'noPrompt'
  | 'encode'
  | 'scaleLatent'
  | 'denoise'
  | 'decodeToPixels'
  | 'previewOf'
  | 'embedLatents'
  | 'embedTexts'
  | 'score'
>;

/** The tensors a stage adds. */
type Made = Readonly<Record<string, Tensor>>;

/** What is told of a step, with the tensors that go with it. */
interface TakenStep {
  readonly step: number;
  readonly steps: number;
  readonly draws?: number;
  /** What other runs may be resumed from: returned where the plan asks for it. */
  readonly kept: Made;
  /** Sent in any case. */
  readonly sent: Made;
}

/** A stage pauses where it can be stopped: with the step it has taken, or null where there is nothing to tell. */
type RunningStage = AsyncGenerator<TakenStep | null, Made>;

/**
 * Runs a plan that was checked. Yields a `step` after every step, a `result` after every stage, and in the end `done`
 * or `failed`; when it is cancelled it just returns.
 * @param sent the tensors that came with the plan
 * @param cancelled asked wherever the work can be stopped
 * @param onUnexpected told of errors whose details are not the client's business
 */
export async function* runPlan(
  plan: Plan,
  sent: Readonly<Record<string, Tensor>>,
  models: Models,
  cancelled: () => boolean,
  onUnexpected: (error: unknown) => void,
): AsyncGenerator<OutgoingFrame, JobOutcome> {
  const present = new Map(Object.entries(sent));
  for (const stage of plan.stages) {
    if (cancelled()) return 'cancelled';
    const began = performance.now();
    const running = runStage(stage, present, models);
    let made: Made | null = null;
    while (made === null) {
      const next = await running.next().catch((error: unknown) => ({ error }));
      if ('error' in next) {
        yield failure(stage.stage, next.error, onUnexpected);
        return 'failed';
      }
      if (next.done) made = next.value;
      else if (cancelled()) return 'cancelled';
      else if (next.value) {
        const { kept, sent: along, ...step } = next.value;
        yield { header: { kind: 'step', ...step }, tensors: { ...returnedOf(kept, plan), ...along } };
      }
    }
    for (const [name, tensor] of Object.entries(made)) present.set(name, tensor);
    const ms = performance.now() - began;
    yield { header: { kind: 'result', stage: stage.stage, ms }, tensors: returnedOf(made, plan) };
  }
  yield { header: { kind: 'done' }, tensors: {} };
  return 'succeeded';
}

/** What a scheduler remembers goes with the x_t that it belongs to. */
function returnedOf(made: Made, { returns }: Plan): Made {
  const isReturned = (name: string) => returns.includes(/^at_\d+(?=_)/.exec(name)?.[0] ?? name);
  return Object.fromEntries(Object.entries(made).filter(([name]) => isReturned(name)));
}

function runStage(stage: StagePlan, present: ReadonlyMap<string, Tensor>, models: Models): RunningStage {
  switch (stage.stage) {
    case 'TEXT_ENCODE':
      return encodeText(stage, models);
    case 'IMAGE_ENCODE':
      return encodeImage(present, models);
    case 'DENOISE':
      return denoise(stage, present, models);
    case 'DECODE':
      return decode(present, models);
    case 'EMBED':
      return embed(stage, present, models);
    case 'SCORE':
      return score(present, models);
  }
}

async function* encodeText(stage: TextEncodePlan, models: Models): RunningStage {
  const prompt = await models.encodeText(stage.tokenIds, { clipSkip: stage.clipSkip });
  if (stage.negativeTokenIds === null) return conditioningTensors('', prompt);
  yield null;
  // Layers are left out for the prompt alone, as in diffusers.
  const negative =
    stage.negativeTokenIds.length > 0 ? await models.encodeText(stage.negativeTokenIds) : models.noPrompt(prompt);
  if (!negative) throw new ParameterError('no negative token ids, and zeros are nothing that this checkpoint knows');
  return { ...conditioningTensors('', prompt), ...conditioningTensors('negative_', negative) };
}

/** A prompt under the names diffusers gives its parts. */
function conditioningTensors(prefix: '' | 'negative_', { promptEmbeds, pooled }: Conditioning): Made {
  return {
    [`${prefix}prompt_embeds`]: promptEmbeds,
    ...(pooled && { [`${prefix}pooled_prompt_embeds`]: pooled }),
  };
}

function conditioning(prefix: '' | 'negative_', present: ReadonlyMap<string, Tensor>): Conditioning | null {
  const promptEmbeds = present.get(`${prefix}prompt_embeds`) as FloatTensor | undefined;
  const pooled = present.get(`${prefix}pooled_prompt_embeds`) as FloatTensor | undefined;
  return promptEmbeds ? { promptEmbeds, pooled: pooled ?? null } : null;
}

/** One picture after the other, so that it can be stopped in between; the same bytes however many there are. */
async function* encodeImage(present: ReadonlyMap<string, Tensor>, models: Models): RunningStage {
  const { data, dims } = present.get('image') as Tensor<Uint8Array>;
  const [images = 0, ...pictureDims] = dims;
  const size = data.length / images;
  const [moments, encoded]: [FloatTensor[], FloatTensor[]] = [[], []];
  for (let i = 0; i < images; i++) {
    if (i > 0) yield null;
    const picture = { data: data.subarray(i * size, (i + 1) * size), dims: [1, ...pictureDims] };
    const posterior = await models.encode(fromPixels(picture));
    moments.push(posterior.moments);
    encoded.push(models.scaleLatent(posterior.mean));
  }
  return { moments: rowsOf(moments), encoded: rowsOf(encoded) };
}

/** Tensors of one row each as one of all. */
function rowsOf(tensors: readonly FloatTensor[]): FloatTensor {
  const [, ...dims] = tensors[0]!.dims;
  return { data: joined(...tensors.map(({ data }) => data)), dims: [tensors.length, ...dims] };
}

function startOf(
  { resumeDraws }: DenoisePlan,
  { strength }: StartPlan,
  present: ReadonlyMap<string, Tensor>,
): PipelineStart {
  // What it had started from lies behind a run that goes on: it is not looked at.
  if (resumeDraws) return { strength, latent: present.get('resume') as FloatTensor };
  const moments = present.get('moments') as FloatTensor | undefined;
  if (moments) return { strength, posterior: new Posterior(moments) };
  return { strength, latent: present.get('start_latent') as FloatTensor };
}

/** Tensors of one run as `Resume` has them. */
function resumeOf(step: number, draws: number | null, present: ReadonlyMap<string, Tensor>): Resume {
  const state = [...present].flatMap(([name, { data }]) => {
    const [, of] = /^resume_(.+)$/.exec(name) ?? [];
    return of === undefined ? [] : [[of, data as Float32Array] as const];
  });
  return { step, draws, latent: present.get('resume') as FloatTensor, state: Object.fromEntries(state) };
}

/** What a run can be gone on with from here, named as others are to find it. */
function runAt(name: string, { latent, schedulerState }: DenoiseStep): Made {
  const state = Object.entries(schedulerState).map(([of, data]) => {
    return [`${name}_${of}`, { data, dims: latent.dims }] as const;
  });
  return { [name]: latent, ...Object.fromEntries(state) };
}

async function* denoise(stage: DenoisePlan, present: ReadonlyMap<string, Tensor>, models: Models): RunningStage {
  const options = {
    ...stage,
    ...conditioning('', present)!,
    negative: conditioning('negative_', present),
    start: stage.start ? startOf(stage, stage.start, present) : null,
    resume: stage.resumeAt ? resumeOf(stage.resumeAt, stage.resumeDraws ?? null, present) : null,
  };
  const previews = stage.preview
    ? new Previews(stage, latent => models.previewOf(latent), options.resume?.latent ?? null)
    : null;
  let latent: FloatTensor | null = null;
  for await (const each of models.denoise(options)) {
    const { step, steps, draws } = each;
    latent = each.latent;
    const preview = previews?.of(each);
    const isCheckpoint = stage.checkpointEvery && step % stage.checkpointEvery === 0 && step < steps;
    yield {
      step,
      steps,
      ...(isCheckpoint && { draws }),
      kept: stage.keepAt?.includes(step) ? runAt(`at_${step}`, each) : {},
      sent: { ...(isCheckpoint && runAt('resume', each)), ...(preview && { preview }) },
    };
  }
  if (latent === null) throw new Error('the scheduler took no step');
  return { latent };
}

/** What came out of the sampler, or was encoded; one picture after the other, so that it can be stopped in between. */
async function* decode(present: ReadonlyMap<string, Tensor>, models: Models): RunningStage {
  const { data, dims } = (present.get('latent') ?? present.get('encoded')) as FloatTensor;
  const [images = 0, ...latentDims] = dims;
  const size = data.length / images;
  const pictures: Tensor<Uint8Array>[] = [];
  for (let i = 0; i < images; i++) {
    if (i > 0) yield null;
    const latent = { data: data.subarray(i * size, (i + 1) * size), dims: [1, ...latentDims] };
    pictures.push(await models.decodeToPixels(latent));
  }
  const bytes = pictures[0]!.data.length;
  const pixels = new Uint8Array(images * bytes);
  for (const [i, picture] of pictures.entries()) pixels.set(picture.data, i * bytes);
  return { pixels: { data: pixels, dims: [images, ...pictures[0]!.dims.slice(1)] } };
}

/** Pictures that came out of the sampler, or one that was encoded; then one text after the other. */
async function* embed({ texts }: EmbedPlan, present: ReadonlyMap<string, Tensor>, models: Models): RunningStage {
  const latent = (present.get('latent') ?? present.get('encoded')) as FloatTensor | undefined;
  const made: { embedding?: FloatTensor; text_embedding?: FloatTensor } = {};
  if (latent) made.embedding = await models.embedLatents(latent);
  const rows: Float32Array[] = [];
  for (const ids of texts) {
    if (latent || rows.length > 0) yield null;
    const { promptEmbeds } = await models.encodeText(ids);
    rows.push((await models.embedTexts(promptEmbeds)).data);
  }
  if (rows.length > 0) made.text_embedding = { data: joined(...rows), dims: [rows.length, rows[0]!.length] };
  return made;
}

/** One picture after the other: large ones are not all widened to float32 at once. */
async function* score(present: ReadonlyMap<string, Tensor>, models: Models): RunningStage {
  const { data, dims } = present.get('pixels') as Tensor<Uint8Array>;
  const [images = 0, ...pictureDims] = dims;
  const size = data.length / images;
  const scores = new Float32Array(images);
  for (let i = 0; i < images; i++) {
    if (i > 0) yield null;
    const picture = { data: data.subarray(i * size, (i + 1) * size), dims: [1, ...pictureDims] };
    scores.set((await models.score(picture)).data, i);
  }
  return { score: { data: scores, dims: [images] } };
}

/** @param stage null before the first one began */
export function failure(
  stage: StageName | null,
  error: unknown,
  onUnexpected: (error: unknown) => void,
): OutgoingFrame {
  const { code, message } = explain(error, onUnexpected);
  return { header: { kind: 'failed', stage, code, message, retryable: isRetryable(code) }, tensors: {} };
}

function explain(
  error: unknown,
  onUnexpected: (error: unknown) => void,
): { readonly code: BackendErrorCode; readonly message: string } {
  if (error instanceof RequestRefused) return { code: error.code, message: error.message };
  if (error instanceof ModelError) return { code: 'model_failed', message: error.message };
  // What was sound when the backend started is not any more: what the digest names is no longer here.
  if (error instanceof CheckpointError) return { code: 'checkpoint_unknown', message: error.message };
  if (error instanceof UnsupportedError || error instanceof ParameterError) {
    return { code: 'plan_invalid', message: error.message };
  }
  onUnexpected(error);
  return { code: 'internal', message: 'the stage failed; the log of the backend has more' };
}
