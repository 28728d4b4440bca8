import type { CheckpointCard } from '../../wire/card.ts';
import type { DenoisePlan, Plan } from '../../wire/plan.ts';

/** Milliseconds of a pretended denoising step. */
export const stepMs = 30;
/** The thread that is given this seed dies at its first step. */
export const fatalSeed = 666;
/** A model that is given this seed makes NaN. */
export const nanSeed = 667;

/** What the pretended checkpoint says of itself. */
export const pretendCard: CheckpointCard = {
  version: 1,
  name: 'pretence',
  digest: 'c'.repeat(64),
  parameterCount: 0,
  latentShape: [4, 8, 8],
  latentScale: 8,
  tokenizers: [
    {
      vocab: { a: 0, b: 1, '<|startoftext|>': 2, '<|endoftext|>': 3 },
      merges: [],
      bosToken: '<|startoftext|>',
      eosToken: '<|endoftext|>',
      padToken: '<|endoftext|>',
      maxLength: 4,
    },
  ],
  scheduler: { _class_name: 'DDIMScheduler' },
  schedulers: ['DDIM'],
  discriminator: false,
  embedder: false,
  defaults: { width: 64, height: 64, steps: 4, guidanceScale: 1, scheduler: 'DDIM' },
  limits: { maxSteps: 500, maxWidth: 256, maxHeight: 256, multipleOf: 8, maxCount: 4, maxClipSkip: 2 },
  vocabulary: null,
};

/** Another checkpoint, where a thread pretends to have two. */
export const otherPretendCard: CheckpointCard = { ...pretendCard, name: 'pretext', digest: 'd'.repeat(64) };

/** A picture of the pretended checkpoint. */
export function pretendPlan(denoise: Partial<DenoisePlan> = {}, change: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    checkpoint: pretendCard.digest,
    stages: [
      { stage: 'TEXT_ENCODE', tokenIds: [[2, 0, 1, 3]], negativeTokenIds: null, clipSkip: null },
      {
        stage: 'DENOISE',
        seeds: [1],
        width: 64,
        height: 64,
        steps: 4,
        guidanceScale: 1,
        guidanceRescale: 0,
        eta: 0,
        scheduler: { _class_name: 'DDIMScheduler' },
        ...denoise,
      },
      { stage: 'DECODE' },
    ],
    returns: ['latent', 'pixels'],
    ...change,
  };
}
