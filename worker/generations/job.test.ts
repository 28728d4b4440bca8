import { describe, expect, it } from 'vitest';
import type { GenerationParameters, GenerationRequest } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { latentKey } from '../latents/recipe.ts';
import { jobOf, recipeOf, seedOf } from './job.ts';

function job(change: Partial<GenerationParameters> = {}, card: Partial<CheckpointCard> = {}, negativePrompt = '') {
  const request = {
    card: {
      ...card,
      digest: 'a'.repeat(64),
      scheduler: { _class_name: 'PNDMScheduler', _diffusers_version: '0.6.0', beta_end: 0.012, clip_sample: false },
    },
    prompt: 'a cat',
    negativePrompt,
    report: { modelTokenIds: [[1, 2]], modelNegativeTokenIds: [[1, 1]] },
    parameters: {
      checkpoint: 'tiny',
      width: 64,
      height: 64,
      steps: 4,
      guidanceScale: 7.5,
      guidanceRescale: 0,
      eta: 0,
      clipSkip: null,
      scheduler: 'DDIM',
      seed: 7,
      count: 1,
      ...change,
    },
  };
  return jobOf(request as unknown as GenerationRequest);
}

describe('jobOf', () => {
  it("runs the checkpoint's own schedule under the scheduler that was asked for", () => {
    expect(job().scheduler).toEqual({ _class_name: 'DDIMScheduler', beta_end: 0.012, clip_sample: false });
  });
});

describe('seeds', () => {
  it('count up, and matter in their low 32 bits', async () => {
    const large = job({ seed: 2 ** 32 + 6, count: 2 });
    expect(seedOf(large, 1)).toEqual({ seed: 2 ** 32 + 7, noiseSeed: 7 });
    expect(await latentKey(recipeOf(large, 1))).toBe(await latentKey(recipeOf(job(), 0)));
    expect(seedOf(job({ seed: Number.MAX_SAFE_INTEGER }), 0).noiseSeed).toBe(2 ** 32 - 1);
  });
});

describe('recipeOf', () => {
  it('is the same for every way of asking for no guidance', () => {
    expect(recipeOf(job({ guidanceScale: 0.5, guidanceRescale: 0.5 }), 0)).toEqual(
      recipeOf(job({ guidanceScale: 1 }), 0),
    );
  });
});

describe('a job with a start', () => {
  it('depends on what it starts from, how, and how much of it stays', async () => {
    const start = { from: 'IMAGE', latentKey: 'e'.repeat(64), strength: 0.5 } as const;
    const jobs = [
      job(),
      job({ start }),
      job({ start: { ...start, from: 'LATENT' } }),
      job({ start: { ...start, strength: 0.75 } }),
      job({ start: { ...start, latentKey: 'f'.repeat(64) } }),
    ];
    const keys = await Promise.all(jobs.map(each => latentKey(recipeOf(each, 0))));
    expect(new Set(keys).size).toBe(jobs.length);
  });
});

describe('an SDXL checkpoint', () => {
  const card = { zerosForNoPrompt: true, sizeConditioning: true };
  const wide = { width: 128, height: 64, count: 2 };

  it('makes pictures of its own of the sizes that it is told', () => {
    const sizes = { originalSize: [64, 128], cropTopLeft: [0, 0], targetSize: [64, 128] };
    expect(recipeOf(job(wide, card), 0)).toMatchObject({ sdxl: sizes });
    const sdxl = { originalWidth: 1, originalHeight: 2, cropTop: 3, cropLeft: 4, targetWidth: 5, targetHeight: 6 };
    const told = { originalSize: [2, 1], cropTopLeft: [3, 4], targetSize: [6, 5] };
    expect(recipeOf(job({ sdxl }, card), 0)).toMatchObject({ sdxl: told });
    expect(recipeOf(job(wide), 0)).toMatchObject({ sdxl: null, negativeTokenIds: [[1, 1]] });
  });

  it('tells a negative prompt that was not given from an empty one', async () => {
    const [without, empty] = [job({}, card), job({}, { sizeConditioning: true })];
    expect(await latentKey(recipeOf(without, 0))).not.toBe(await latentKey(recipeOf(empty, 0)));
  });
});
