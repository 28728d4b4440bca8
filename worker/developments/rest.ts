/** What is left to be computed of an image, as a plan. */
import type { Tensor } from '../../models/runtime.ts';
import type { DenoisePlan, Plan, StagePlan } from '../../wire/plan.ts';
import { type Job, negativeTokenIds, seedOf, sizesOf, sourceOf, usesGuidance } from '../generations/job.ts';
import type { Checkpoint } from './kept-progress.ts';

/** After so many calls of the UNet a backend hands out what its work can be gone on with. */
export const checkpointEvery = 5;

export interface Found {
  /** What the prompts were encoded to, before this image was begun; null where nobody had. */
  readonly text: boolean;
  /** The same of the picture that it starts from. */
  readonly picture: boolean;
}

/**
 * The plan for one image. One at a time, so that a picture does not depend on which others were asked for with it.
 * @param made what there is of it, by the names that plans have for it, what was found and sent included
 * @param checkpoint where this very run can be gone on with; null: from its first step, or another run's
 * @param keepAt after which steps x_t is to be handed out for others
 * @returns null where nothing is left
 */
export function restOf(
  job: Job,
  index: number,
  found: Found,
  made: ReadonlyMap<string, Tensor>,
  checkpoint: Checkpoint | null,
  keepAt: readonly number[] = [],
): Plan | null {
  const { parameters, report } = job;
  const isDenoised = made.has('latent');
  const needsPicture = Boolean(job.startPixels) && !made.has('moments') && !isDenoised && !checkpoint;
  const needsText = !made.has('prompt_embeds') && !isDenoised;
  const prefixes = usesGuidance(parameters) ? ['', 'negative_'] : [''];
  const embeds = prefixes.flatMap(prefix => [`${prefix}prompt_embeds`, `${prefix}pooled_prompt_embeds`]);
  const keep = isDenoised ? [] : keepAt.filter(step => step > (checkpoint?.step ?? sourceOf(job, index)?.step ?? 0));
  const parts: { readonly plan: StagePlan; readonly returns: readonly string[] }[] = [];
  // The picture first: what was encoded last tells that denoising is next.
  if (needsPicture) parts.push({ plan: { stage: 'IMAGE_ENCODE' }, returns: ['encoded', 'moments'] });
  if (needsText) {
    const ids = { tokenIds: report.modelTokenIds, negativeTokenIds: negativeTokenIds(job) };
    parts.push({ plan: { stage: 'TEXT_ENCODE', ...ids, clipSkip: parameters.clipSkip }, returns: embeds });
  }
  if (!isDenoised) {
    const returns = ['latent', ...keep.map(step => `at_${step}`)];
    parts.push({ plan: denoisePlan(job, index, checkpoint, keep), returns });
  }
  if (!made.has('pixels')) parts.push({ plan: { stage: 'DECODE' }, returns: ['pixels'] });
  if (parameters.score && !made.has('score')) parts.push({ plan: { stage: 'SCORE' }, returns: ['score'] });
  if (job.embedder && !made.has('embedding')) {
    const texts = found.text ? [] : [report.modelTokenIds];
    parts.push({ plan: { stage: 'EMBED', texts }, returns: ['embedding', ...(found.text ? [] : ['text_embedding'])] });
  }
  if (parts.length === 0) return null;
  const [stages, returns] = [parts.map(({ plan }) => plan), parts.flatMap(part => part.returns)];
  return { version: 1, checkpoint: job.checkpointDigest, stages, returns };
}

function denoisePlan(job: Job, index: number, checkpoint: Checkpoint | null, keepAt: readonly number[]): DenoisePlan {
  const { parameters } = job;
  const source = sourceOf(job, index);
  const resumeAt = checkpoint?.step ?? source?.step;
  return {
    stage: 'DENOISE',
    seeds: [seedOf(job, index).noiseSeed],
    width: parameters.width,
    height: parameters.height,
    steps: parameters.steps,
    guidanceScale: parameters.guidanceScale,
    guidanceRescale: parameters.guidanceRescale,
    eta: parameters.eta,
    scheduler: job.scheduler,
    ...(parameters.start && { start: { strength: parameters.start.strength } }),
    ...(job.sizeConditioning && { sizes: sizesOf(job) }),
    ...(resumeAt !== undefined && { resumeAt }),
    // What went on from another's steps has drawn nothing: it can only go on as that did.
    ...(checkpoint && checkpoint.draws > 0 && { resumeDraws: checkpoint.draws }),
    ...(keepAt.length > 0 && { keepAt }),
    checkpointEvery,
    preview: true,
  };
}

/** Of all there is, what a plan's stages read and none of them makes. */
export function sentWith(plan: Plan, made: ReadonlyMap<string, Tensor>): Record<string, Tensor> {
  const stages = new Set(plan.stages.map(({ stage }) => stage));
  const denoise = plan.stages.find(stage => stage.stage === 'DENOISE');
  const isRead = (name: string): boolean => {
    if (denoise) {
      if (/^(negative_)?(pooled_)?prompt_embeds$/.test(name)) return true;
      if (name === 'image') return stages.has('IMAGE_ENCODE');
      if (name === 'moments' || name === 'start_latent') return Boolean(denoise.start) && !denoise.resumeDraws;
      return denoise.resumeAt != null && /^resume(_|$)/.test(name);
    }
    if (name === 'latent') return stages.has('DECODE') || stages.has('EMBED');
    return name === 'pixels' && stages.has('SCORE') && !stages.has('DECODE');
  };
  return Object.fromEntries([...made].filter(([name]) => isRead(name)));
}
