/** What the API's names mean, for people who do not know them. */
import type { Generation, ReusePolicy, Scheduler, SimilaritySpace, Stage } from '../sdk/index.ts';
import { remaining } from './format.ts';

export const schedulers: Readonly<Record<Scheduler, string>> = {
  DDIM: 'DDIM',
  DDPM: 'DDPM (many steps)',
  DPMPP_2M: 'DPM-Solver++ 2M',
  DPMPP_2M_KARRAS: 'DPM-Solver++ 2M, Karras',
  DPMPP_2M_SDE: 'DPM-Solver++ 2M SDE',
  EULER: 'Euler',
  EULER_ANCESTRAL: 'Euler ancestral',
  FLOW_MATCH_EULER: 'Euler, flow matching',
  HEUN: 'Heun',
  LCM: 'LCM (few steps)',
  PNDM: 'PNDM',
  UNIPC: 'UniPC',
};

export const reusePolicies: Readonly<Record<ReusePolicy, string>> = {
  EXACT: 'What is the same to the byte',
  APPROXIMATE: 'First steps of similar prompts, too',
  NONE: 'Nothing: compute everything',
};

/** Of each space what is compared there. */
export const spaces: Readonly<Record<SimilaritySpace, { readonly name: string; readonly hint: string }>> = {
  EMBEDDING: { name: 'What it shows', hint: 'Pictures of the same thing, however they look' },
  LATENT: { name: 'How it looks', hint: 'The same shapes and colours in the same places' },
  PROMPT: { name: 'What was asked for', hint: 'Prompts in like words' },
};

export const stages: Readonly<Record<Stage, string>> = {
  QUEUE: 'Waiting',
  TEXT_ENCODE: 'Reading the prompt',
  IMAGE_ENCODE: 'Reading the picture',
  DENOISE: 'Denoising',
  DECODE: 'Developing',
  EMBED: 'Finding its place',
  SCORE: 'Scoring',
  STORE: 'Keeping',
};

/** How far a generation is, in a few words. */
export function statusOf({ status, progress }: Generation): string {
  const left = progress.etaMs === null ? '' : `, ${remaining(progress.etaMs)} left`;
  switch (status) {
    case 'QUEUED':
      return progress.queuePosition ? `Waiting: ${progress.queuePosition} before it${left}` : `Waiting${left}`;
    case 'ENCODING':
      return `Reading the prompt${left}`;
    case 'DENOISING':
      return `Step ${progress.step} of ${progress.steps}${left}`;
    case 'DECODING':
      return 'Developing';
    case 'SCORING':
      return 'Scoring';
    case 'SUCCEEDED':
      return 'Ready';
    case 'CANCELLED':
      return 'Cancelled';
    case 'FAILED':
      return 'Failed';
  }
}
