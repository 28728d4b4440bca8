import { describe, expect, it } from 'vitest';
import type { GenerationParameters, GenerationRequest } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { parsePlan } from '../../wire/parse-plan.ts';
import type { Plan } from '../../wire/plan.ts';
import { latentKey } from '../latents/recipe.ts';
import { jobOf, planOf, recipeOf, seedOf } from './job.ts';

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

const nothing = { text: false, picture: false };
const has = { text: true, picture: true };

describe('planOf', () => {
  it('is a plan that a backend reads', () => {
    const plan = planOf(job(), 0, nothing);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.stages.map(({ stage }) => stage)).toEqual(['TEXT_ENCODE', 'DENOISE', 'DECODE']);
    expect(plan.returns).toEqual([
      'prompt_embeds',
      'pooled_prompt_embeds',
      'negative_prompt_embeds',
      'negative_pooled_prompt_embeds',
      'latent',
      'pixels',
    ]);
  });

  it("runs the checkpoint's own schedule under the scheduler that was asked for", () => {
    expect(job().scheduler).toEqual({ _class_name: 'DDIMScheduler', beta_end: 0.012, clip_sample: false });
  });

  it('encodes the prompt once for several images', () => {
    expect(planOf(job({ count: 2 }), 0, nothing).returns).toContain('negative_prompt_embeds');
    expect(planOf(job({ count: 2 }), 1, has).stages.map(({ stage }) => stage)).toEqual(['DENOISE', 'DECODE']);
  });

  it('has every image embedded where there is an embedder, and the prompt with the first', () => {
    const plans = [0, 1].map(index => planOf(job({ count: 2 }, { embedder: true }), index, index > 0 ? has : nothing));
    const [first, second] = plans as [Plan, Plan];
    expect(parsePlan(JSON.parse(JSON.stringify(first)))).toEqual(first);
    expect(first.stages.at(-1)).toEqual({ stage: 'EMBED', texts: [[[1, 2]]] });
    expect(first.returns).toEqual(expect.arrayContaining(['pooled_prompt_embeds', 'embedding', 'text_embedding']));
    expect(second.stages.at(-1)).toEqual({ stage: 'EMBED', texts: [] });
    expect(second.returns).toEqual(['embedding', 'latent', 'pixels']);
  });

  it('has every image scored where that was asked for', () => {
    const plan = planOf(job({ score: true }, { embedder: true, realFrom: 0.3 }), 0, nothing);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.stages.map(({ stage }) => stage)).toEqual(['TEXT_ENCODE', 'DENOISE', 'DECODE', 'SCORE', 'EMBED']);
    expect(plan.returns).toContain('score');
  });

  it('has no negative prompt without guidance', () => {
    expect(planOf(job({ guidanceScale: 1, count: 2 }), 0, nothing)).toMatchObject({
      stages: [{ negativeTokenIds: null }, { guidanceScale: 1 }, {}],
      returns: ['prompt_embeds', 'pooled_prompt_embeds', 'latent', 'pixels'],
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

describe('a job with a start', () => {
  const start = { from: 'IMAGE', latentKey: 'e'.repeat(64), strength: 0.5 } as const;
  const fromPicture = { ...job({ start }), startPixels: 'starts/x' };
  const fromLatent = job({ start: { ...start, from: 'LATENT' } });

  it('has its picture encoded first, and once', () => {
    const plan = planOf(fromPicture, 0, nothing);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.stages[0]).toEqual({ stage: 'IMAGE_ENCODE' });
    expect(plan.stages).toContainEqual(expect.objectContaining({ stage: 'DENOISE', start: { strength: 0.5 } }));
    expect(plan.returns).toEqual(expect.arrayContaining(['encoded', 'moments']));
    const second = planOf(fromPicture, 1, has);
    expect(second.stages.map(({ stage }) => stage)).toEqual(['DENOISE', 'DECODE']);
    expect(second.stages[0]).toMatchObject({ start: { strength: 0.5 } });
  });

  it('has no picture to encode where it starts from a latent, and no start where it starts from noise', () => {
    expect(planOf(fromLatent, 0, nothing).stages[0]).toMatchObject({ stage: 'TEXT_ENCODE' });
    expect(planOf(job(), 0, nothing).stages[1]).not.toHaveProperty('start');
  });

  it('depends on what it starts from, how, and how much of it stays', async () => {
    const jobs = [
      job(),
      job({ start }),
      fromLatent,
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

  it('is told the size of the picture, and sends back all that its prompt is', () => {
    const plan = planOf(job(wide, card), 0, nothing);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const sizes = { originalSize: [64, 128], cropTopLeft: [0, 0], targetSize: [64, 128] };
    expect(plan.stages[1]).toMatchObject({ stage: 'DENOISE', sizes });
    expect(plan.returns).toEqual([
      'prompt_embeds',
      'pooled_prompt_embeds',
      'negative_prompt_embeds',
      'negative_pooled_prompt_embeds',
      'latent',
      'pixels',
    ]);
    expect(recipeOf(job(wide, card), 0)).toMatchObject({ sdxl: sizes });
  });

  it('is told other sizes where they were asked for', () => {
    const sdxl = { originalWidth: 1, originalHeight: 2, cropTop: 3, cropLeft: 4, targetWidth: 5, targetHeight: 6 };
    const sizes = { originalSize: [2, 1], cropTopLeft: [3, 4], targetSize: [6, 5] };
    const told = job({ sdxl }, card);
    expect(planOf(told, 0, nothing).stages[1]).toMatchObject({ stage: 'DENOISE', sizes });
    expect(recipeOf(told, 0)).toMatchObject({ sdxl: sizes });
  });

  it('is given zeros for a negative prompt that was not given, and only for that', async () => {
    const [without, empty, given] = [job({}, card), job({}, { sizeConditioning: true }), job({}, card, 'b')];
    expect(planOf(without, 0, nothing).stages[0]).toMatchObject({ negativeTokenIds: [] });
    expect(planOf(empty, 0, nothing).stages[0]).toMatchObject({ negativeTokenIds: [[1, 1]] });
    expect(planOf(given, 0, nothing).stages[0]).toMatchObject({ negativeTokenIds: [[1, 1]] });
    expect(planOf(job({ guidanceScale: 1 }, card), 0, nothing).stages[0]).toMatchObject({ negativeTokenIds: null });
    expect(await latentKey(recipeOf(without, 0))).not.toBe(await latentKey(recipeOf(empty, 0)));
  });

  it('has nothing of this in the plans of others', () => {
    expect(planOf(job(wide), 0, nothing).stages[1]).not.toHaveProperty('sizes');
    expect(recipeOf(job(wide), 0)).toMatchObject({ sdxl: null, negativeTokenIds: [[1, 1]] });
  });
});
