/** A generation as the object that runs it is given it: plain data that survives a restart. */
import { type SchedulerName, schedulerConfig } from '../../models/schedulers/names.ts';
import type { GenerationParameters, GenerationRequest, PromptReport } from '../../schema/context.ts';
import type { Plan, StagePlan } from '../../wire/plan.ts';
import type { GeneratedRecipe } from '../latents/recipe.ts';

export interface Job {
  readonly checkpointDigest: string;
  /** The diffusers config to denoise with. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly report: PromptReport;
  readonly parameters: GenerationParameters;
}

export function jobOf({ card, prompt, negativePrompt, report, parameters }: GenerationRequest): Job {
  return {
    checkpointDigest: card.digest,
    scheduler: schedulerConfig(parameters.scheduler as SchedulerName, card.scheduler),
    prompt,
    negativePrompt,
    report,
    parameters,
  };
}

/** As in diffusers: without guidance there is no negative prompt, and nothing to rescale. */
export function usesGuidance({ guidanceScale }: GenerationParameters): boolean {
  return guidanceScale > 1;
}

/** Image i of n uses seed + i; the noise depends on its low 32 bits alone. */
export function seedOf({ parameters }: Job, index: number): { readonly seed: number; readonly noiseSeed: number } {
  const seed = parameters.seed + index;
  return { seed, noiseSeed: seed % 2 ** 32 };
}

/**
 * The plan for one image. One at a time, so that a picture does not depend on which others were asked for with it.
 * @param encoded whether the prompt's embeddings are sent along
 */
export function planOf(job: Job, index: number, encoded: boolean): Plan {
  const { parameters, report } = job;
  const encode: StagePlan = {
    stage: 'TEXT_ENCODE',
    tokenIds: report.modelTokenIds,
    negativeTokenIds: usesGuidance(parameters) ? report.modelNegativeTokenIds : null,
    clipSkip: parameters.clipSkip,
  };
  const denoise: StagePlan = {
    stage: 'DENOISE',
    seeds: [seedOf(job, index).noiseSeed],
    width: parameters.width,
    height: parameters.height,
    steps: parameters.steps,
    guidanceScale: parameters.guidanceScale,
    guidanceRescale: parameters.guidanceRescale,
    eta: parameters.eta,
    scheduler: job.scheduler,
  };
  const embeds = usesGuidance(parameters) ? ['prompt_embeds', 'negative_prompt_embeds'] : ['prompt_embeds'];
  const again = !encoded && parameters.count > 1;
  return {
    version: 1,
    checkpoint: job.checkpointDigest,
    stages: [...(encoded ? [] : [encode]), denoise, { stage: 'DECODE' }],
    returns: [...(again ? embeds : []), 'latent', 'pixels'],
  };
}

export function recipeOf(job: Job, index: number): GeneratedRecipe {
  const { parameters, report } = job;
  const guided = usesGuidance(parameters);
  return {
    kind: 'generated',
    version: 1,
    checkpoint: job.checkpointDigest,
    tokenIds: report.modelTokenIds,
    negativeTokenIds: guided ? report.modelNegativeTokenIds : null,
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
    sdxl: null,
    start: null,
    precision: 'float32',
    approximate: null,
  };
}
