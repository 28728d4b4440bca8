/** A generation as the object that runs it is given it: plain data that survives a restart. */
import { type SchedulerName, schedulerConfig } from '../../models/schedulers/names.ts';
import type { GenerationParameters, GenerationRequest, PromptReport } from '../../schema/context.ts';
import type { SizesPlan } from '../../wire/plan.ts';
import type { GeneratedRecipe } from '../latents/recipe.ts';

export interface Job {
  readonly checkpointDigest: string;
  /** The diffusers config to denoise with. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly report: PromptReport;
  readonly parameters: GenerationParameters;
  /** What the text encoders are given against the prompt; empty: zeros stand for it. */
  readonly negativeTokenIds: readonly (readonly number[])[];
  /** Whether the UNet is told sizes (SDXL). */
  readonly sizeConditioning: boolean;
  /** Whether the checkpoint has an embedder: then its images are found by what they show. */
  readonly embedder: boolean;
  /** From which score on the checkpoint's discriminator calls an image real; null without one. */
  readonly realFrom: number | null;
  /** Who asked: callers are served in turns. Absent, as the next, from generations of before they were noted. */
  readonly caller?: string;
  /** The address that is told of the end; null: nobody is. */
  readonly webhook?: string | null;
  /** Of the checkpoint's latents, and how many pixels a side each cell stands for. */
  readonly latent?: { readonly channels: number; readonly scale: number };
  /** Where the picture is kept that it starts from; null where it starts from a latent or from noise. */
  readonly startPixels: string | null;
  /** For each image, which run it goes on from: null for none, absent while that is not decided. */
  readonly sources?: readonly (JobSource | null)[];
}

/** A run of a similar prompt, of which an image takes the first steps. */
export interface JobSource {
  /** Of the latent that it has led to. */
  readonly latentKey: string;
  /** How many steps are taken from it. */
  readonly step: number;
  /** Of the prompts. */
  readonly similarity: number;
}

/** Null where the image is computed from its first step on. */
export function sourceOf({ sources }: Job, index: number): JobSource | null {
  return sources?.[index] ?? null;
}

/** @param startPixels where the picture was put that it starts from */
export function jobOf(
  { card, prompt, negativePrompt, report, parameters, webhook }: GenerationRequest,
  startPixels: string | null = null,
): Job {
  return {
    checkpointDigest: card.digest,
    scheduler: schedulerConfig(parameters.scheduler as SchedulerName, card.scheduler),
    prompt,
    negativePrompt,
    report,
    parameters,
    // As in diffusers: zeros for a prompt that was not given, not for an empty one. Here the two are the same.
    negativeTokenIds: card.zerosForNoPrompt && negativePrompt === '' ? [] : report.modelNegativeTokenIds,
    sizeConditioning: card.sizeConditioning ?? false,
    embedder: card.embedder,
    realFrom: card.realFrom ?? null,
    // One machine's own: whoever may ask is one caller, until there are keys that tell them apart.
    caller: 'local',
    webhook,
    ...(card.latentShape && { latent: { channels: card.latentShape[0], scale: card.latentScale } }),
    startPixels,
  };
}

/** As in diffusers: without guidance there is no negative prompt, and nothing to rescale. */
export function usesGuidance({ guidanceScale }: GenerationParameters): boolean {
  return guidanceScale > 1;
}

/** Whether what is there already may be used. Of old generations nothing is said: all of them was computed. */
export function mayReuse({ reuse = 'NONE' }: Pick<GenerationParameters, 'reuse'>): boolean {
  return reuse !== 'NONE';
}

/** Null without guidance. */
export function negativeTokenIds(job: Job): Job['negativeTokenIds'] | null {
  return usesGuidance(job.parameters) ? job.negativeTokenIds : null;
}

/** What an SDXL picture is said to be; by default, which is diffusers', of its own size and not cropped. */
export function sizesOf({ sizeConditioning, parameters: { width, height, sdxl } }: Job): Required<SizesPlan> | null {
  if (!sizeConditioning) return null;
  if (!sdxl) return { originalSize: [height, width], cropTopLeft: [0, 0], targetSize: [height, width] };
  return {
    originalSize: [sdxl.originalHeight, sdxl.originalWidth],
    cropTopLeft: [sdxl.cropTop, sdxl.cropLeft],
    targetSize: [sdxl.targetHeight, sdxl.targetWidth],
  };
}

/** Image i of n uses seed + i; the noise depends on its low 32 bits alone. */
export function seedOf({ parameters }: Job, index: number): { readonly seed: number; readonly noiseSeed: number } {
  const seed = parameters.seed + index;
  return { seed, noiseSeed: seed % 2 ** 32 };
}

export function recipeOf(job: Job, index: number): GeneratedRecipe {
  const { parameters, report } = job;
  const guided = usesGuidance(parameters);
  const source = sourceOf(job, index);
  return {
    kind: 'generated',
    version: 1,
    checkpoint: job.checkpointDigest,
    tokenIds: report.modelTokenIds,
    negativeTokenIds: negativeTokenIds(job),
    seed: seedOf(job, index).noiseSeed,
    steps: parameters.steps,
    // Every scale that switches guidance off asks for the same.
    guidanceScale: guided ? parameters.guidanceScale : 1,
    guidanceRescale: guided ? parameters.guidanceRescale : 0,
    clipSkip: parameters.clipSkip,
    eta: parameters.eta,
    scheduler: job.scheduler,
    width: parameters.width,
    height: parameters.height,
    sdxl: sizesOf(job),
    start: parameters.start ?? null,
    precision: 'float32',
    approximate: source && { latentKey: source.latentKey, step: source.step },
  };
}
