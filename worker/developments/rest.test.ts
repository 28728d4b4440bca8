import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import type { GenerationParameters, GenerationRequest } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { parsePlan } from '../../wire/parse-plan.ts';
import type { Plan } from '../../wire/plan.ts';
import { type Job, jobOf } from '../generations/job.ts';
import { type Found, restOf, sentWith } from './rest.ts';

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
const both = { text: true, picture: true };
const texts = ['prompt_embeds', 'pooled_prompt_embeds', 'negative_prompt_embeds', 'negative_pooled_prompt_embeds'];
const checkpoint = { step: 2, draws: 3 };

/** Tensors of these names; what is in them is nobody's business here. */
const named = (...names: string[]) =>
  new Map(names.map((name): [string, Tensor] => [name, { data: new Float32Array(1), dims: [1] }]));

/** The plan for an image of which nothing was made, as a backend reads it. */
function planOf(of: Job, index = 0, found: Found = nothing): Plan {
  const made = [...(found.text ? texts : []), ...(found.picture ? ['moments'] : [])];
  return read(restOf(of, index, found, named(...made), null));
}

/** A plan that no backend would take is none. */
function read(plan: Plan | null): Plan {
  expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  return plan!;
}

const stagesOf = ({ stages }: Plan) => stages.map(({ stage }) => stage);

describe('a whole image', () => {
  it('is encoded, denoised and decoded', () => {
    const plan = planOf(job());
    expect(stagesOf(plan)).toEqual(['TEXT_ENCODE', 'DENOISE', 'DECODE']);
    expect(plan.returns).toEqual([...texts, 'latent', 'pixels']);
  });

  it('leaves now and then what it can be gone on with, and shows how far it is', () => {
    expect(planOf(job()).stages[1]).toMatchObject({ checkpointEvery: 5, preview: true });
    expect(planOf(job()).stages[1]).not.toHaveProperty('resumeAt');
  });

  it('encodes the prompt once for several images', () => {
    expect(planOf(job({ count: 2 })).returns).toContain('negative_prompt_embeds');
    expect(stagesOf(planOf(job({ count: 2 }), 1, both))).toEqual(['DENOISE', 'DECODE']);
  });

  it('is embedded where there is an embedder, the prompt with the first', () => {
    const [first, second] = [0, 1].map(index =>
      planOf(job({ count: 2 }, { embedder: true }), index, index ? both : nothing),
    );
    expect(first!.stages.at(-1)).toEqual({ stage: 'EMBED', texts: [[[1, 2]]] });
    expect(first!.returns).toEqual([...texts, 'latent', 'pixels', 'embedding', 'text_embedding']);
    expect(second!.stages.at(-1)).toEqual({ stage: 'EMBED', texts: [] });
    expect(second!.returns).toEqual(['latent', 'pixels', 'embedding']);
  });

  it('is scored where that was asked for', () => {
    const plan = planOf(job({ score: true }, { embedder: true, realFrom: 0.3 }));
    expect(stagesOf(plan)).toEqual(['TEXT_ENCODE', 'DENOISE', 'DECODE', 'SCORE', 'EMBED']);
    expect(plan.returns).toContain('score');
  });

  it('has no negative prompt without guidance', () => {
    expect(planOf(job({ guidanceScale: 1, count: 2 }))).toMatchObject({
      stages: [{ negativeTokenIds: null }, { guidanceScale: 1 }, {}],
      returns: ['prompt_embeds', 'pooled_prompt_embeds', 'latent', 'pixels'],
    });
  });
});

describe('an image of a picture', () => {
  const start = { from: 'IMAGE', latentKey: 'e'.repeat(64), strength: 0.5 } as const;
  const fromPicture = { ...job({ start }), startPixels: 'starts/x' };
  const fromLatent = job({ start: { ...start, from: 'LATENT' } });

  it('has that encoded first, and once', () => {
    const plan = planOf(fromPicture);
    expect(stagesOf(plan)).toEqual(['IMAGE_ENCODE', 'TEXT_ENCODE', 'DENOISE', 'DECODE']);
    expect(plan.stages[2]).toMatchObject({ start: { strength: 0.5 } });
    expect(plan.returns).toEqual(expect.arrayContaining(['encoded', 'moments']));
    const second = planOf(fromPicture, 1, both);
    expect(stagesOf(second)).toEqual(['DENOISE', 'DECODE']);
    expect(second.stages[0]).toMatchObject({ start: { strength: 0.5 } });
  });

  it('has no picture to encode where it starts from a latent, and no start where it starts from noise', () => {
    expect(planOf(fromLatent).stages[0]).toMatchObject({ stage: 'TEXT_ENCODE' });
    expect(planOf(job()).stages[1]).not.toHaveProperty('start');
  });

  it('needs it no longer where denoising can be gone on with', () => {
    const made = named('image', ...texts, 'encoded', 'moments', 'resume');
    const plan = read(restOf(fromPicture, 0, nothing, made, checkpoint));
    expect(stagesOf(plan)).toEqual(['DENOISE', 'DECODE']);
    expect(Object.keys(sentWith(plan, made))).toEqual([...texts, 'resume']);
  });

  it('is sent as a picture to be encoded, and as what that gave afterwards', () => {
    const made = named('image', ...texts);
    expect(Object.keys(sentWith(planOf(fromPicture), made))).toContain('image');
    const encoded = named('image', ...texts, 'encoded', 'moments');
    const plan = read(restOf(fromPicture, 0, nothing, encoded, null));
    expect(Object.keys(sentWith(plan, encoded))).toEqual([...texts, 'moments']);
    const latent = named(...texts, 'start_latent');
    expect(Object.keys(sentWith(planOf(fromLatent, 0, both), latent))).toEqual([...texts, 'start_latent']);
  });
});

describe('an image of an SDXL checkpoint', () => {
  const card = { zerosForNoPrompt: true, sizeConditioning: true };
  const wide = { width: 128, height: 64, count: 2 };

  it('is told the size of the picture, and sends back all that its prompt is', () => {
    const plan = planOf(job(wide, card));
    const sizes = { originalSize: [64, 128], cropTopLeft: [0, 0], targetSize: [64, 128] };
    expect(plan.stages[1]).toMatchObject({ stage: 'DENOISE', sizes });
    expect(plan.returns).toEqual([...texts, 'latent', 'pixels']);
    expect(planOf(job(wide)).stages[1]).not.toHaveProperty('sizes');
  });

  it('is told other sizes where they were asked for', () => {
    const sdxl = { originalWidth: 1, originalHeight: 2, cropTop: 3, cropLeft: 4, targetWidth: 5, targetHeight: 6 };
    const sizes = { originalSize: [2, 1], cropTopLeft: [3, 4], targetSize: [6, 5] };
    expect(planOf(job({ sdxl }, card)).stages[1]).toMatchObject({ stage: 'DENOISE', sizes });
  });

  it('is given zeros for a negative prompt that was not given, and only for that', () => {
    const encodes = (of: Job) => planOf(of).stages[0];
    expect(encodes(job({}, card))).toMatchObject({ negativeTokenIds: [] });
    expect(encodes(job({}, { sizeConditioning: true }))).toMatchObject({ negativeTokenIds: [[1, 1]] });
    expect(encodes(job({}, card, 'b'))).toMatchObject({ negativeTokenIds: [[1, 1]] });
    expect(encodes(job({ guidanceScale: 1 }, card))).toMatchObject({ negativeTokenIds: null });
  });
});

describe('what is left', () => {
  const scored = job({ score: true }, { embedder: true, realFrom: 0.3 });
  const left = (...made: string[]) => restOf(scored, 0, nothing, named(...made), null);

  it.each([
    [texts, ['DENOISE', 'DECODE', 'SCORE', 'EMBED']],
    [
      [...texts, 'latent'],
      ['DECODE', 'SCORE', 'EMBED'],
    ],
    [['latent'], ['DECODE', 'SCORE', 'EMBED']],
    [
      [...texts, 'latent', 'pixels'],
      ['SCORE', 'EMBED'],
    ],
    [[...texts, 'latent', 'pixels', 'score'], ['EMBED']],
  ])('after %j is %j', (made, stages) => {
    expect(stagesOf(read(left(...made)))).toEqual(stages);
  });

  it('is nothing when all is made', () => {
    expect(left(...texts, 'latent', 'pixels', 'score', 'embedding')).toBeNull();
    expect(restOf(job(), 0, nothing, named('latent', 'pixels'), null)).toBeNull();
  });

  it('is sent what it reads of what was made, and no more', () => {
    const made = named(...texts, 'resume', 'at_1', 'latent');
    expect(Object.keys(sentWith(left(...made.keys())!, made))).toEqual(['latent']);
    const decoded = named(...texts, 'latent', 'pixels');
    expect(Object.keys(sentWith(left(...decoded.keys())!, decoded)).sort()).toEqual(['latent', 'pixels']);
    const plain = job({ score: true });
    const plan = restOf(plain, 0, nothing, decoded, null)!;
    expect(Object.keys(sentWith(plan, decoded))).toEqual(['pixels']);
  });

  it('is gone on with from a checkpoint, with the noise that was drawn', () => {
    const made = named(...texts, 'resume', 'resume_history');
    const plan = read(restOf(job(), 0, nothing, made, checkpoint));
    expect(plan.stages[0]).toMatchObject({ stage: 'DENOISE', resumeAt: 2, resumeDraws: 3 });
    expect(Object.keys(sentWith(plan, made))).toEqual([...texts, 'resume', 'resume_history']);
  });

  it('hands out for others what comes after where it is gone on with', () => {
    const keptAt = (at: typeof checkpoint | null) =>
      read(restOf(job(), 0, nothing, named(...texts, 'resume'), at, [1, 3]));
    expect(keptAt(null).stages[0]).toMatchObject({ keepAt: [1, 3] });
    expect(keptAt(null).returns).toEqual(expect.arrayContaining(['at_1', 'at_3']));
    expect(keptAt(checkpoint).stages[0]).toMatchObject({ keepAt: [3] });
    expect(keptAt(checkpoint).returns).not.toContain('at_1');
  });

  it('begins at another prompt’s steps, and after that at its own', () => {
    const approximate = { ...job(), sources: [{ latentKey: 's'.repeat(64), step: 1, similarity: 0.9 }] };
    const made = named(...texts, 'resume');
    const first = read(restOf(approximate, 0, nothing, made, null));
    expect(first.stages[0]).toMatchObject({ resumeAt: 1 });
    expect(Object.keys(sentWith(first, made))).toContain('resume');
    // Its noise was never drawn: as it began, so it goes on.
    const second = read(restOf(approximate, 0, nothing, made, { step: 3, draws: 0 }));
    expect(second.stages[0]).toMatchObject({ resumeAt: 3 });
    expect(first.stages[0]).not.toHaveProperty('resumeDraws');
    expect(second.stages[0]).not.toHaveProperty('resumeDraws');
  });
});
