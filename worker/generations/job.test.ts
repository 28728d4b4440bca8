import { describe, expect, it } from 'vitest';
import type { GenerationParameters, GenerationRequest } from '../../schema/context.ts';
import { parsePlan } from '../../wire/parse-plan.ts';
import { latentKey } from '../latents/recipe.ts';
import { jobOf, planOf, recipeOf, seedOf } from './job.ts';

function job(change: Partial<GenerationParameters> = {}) {
  const request = {
    card: {
      digest: 'a'.repeat(64),
      scheduler: { _class_name: 'PNDMScheduler', _diffusers_version: '0.6.0', beta_end: 0.012, clip_sample: false },
    },
    prompt: 'a cat',
    negativePrompt: '',
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

describe('planOf', () => {
  it('is a plan that a backend reads', () => {
    const plan = planOf(job(), 0, false);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.stages.map(({ stage }) => stage)).toEqual(['TEXT_ENCODE', 'DENOISE', 'DECODE']);
    expect(plan.returns).toEqual(['latent', 'pixels']);
  });

  it("runs the checkpoint's own schedule under the scheduler that was asked for", () => {
    expect(job().scheduler).toEqual({ _class_name: 'DDIMScheduler', beta_end: 0.012, clip_sample: false });
  });

  it('encodes the prompt once for several images', () => {
    expect(planOf(job({ count: 2 }), 0, false).returns).toContain('negative_prompt_embeds');
    expect(planOf(job({ count: 2 }), 1, true).stages.map(({ stage }) => stage)).toEqual(['DENOISE', 'DECODE']);
  });

  it('has no negative prompt without guidance', () => {
    expect(planOf(job({ guidanceScale: 1, count: 2 }), 0, false)).toMatchObject({
      stages: [{ negativeTokenIds: null }, { guidanceScale: 1 }, {}],
      returns: ['prompt_embeds', 'latent', 'pixels'],
    });
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
