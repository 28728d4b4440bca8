import { describe, expect, it } from 'vitest';
import type { Tensor } from '../models/runtime.ts';
import { pretendCard, pretendPlan } from '../test/backend/pretend-card.ts';
import type { DenoisePlan, Plan, StagePlan } from '../wire/plan.ts';
import { planCheck } from './plan-check.ts';

const check = planCheck(pretendCard);
const none = new Map<string, Tensor>();
const text = { stage: 'TEXT_ENCODE', tokenIds: [[2, 0, 1, 3]], negativeTokenIds: null, clipSkip: null } as const;
const zeros = (...dims: number[]): Tensor => ({ data: new Float32Array(dims.reduce((a, b) => a * b, 1)), dims });
const bytes = (...dims: number[]): Tensor => ({ data: new Uint8Array(dims.reduce((a, b) => a * b, 1)), dims });

function stages(...list: StagePlan[]): Plan {
  return pretendPlan({}, { stages: list, returns: [] });
}

describe('planCheck', () => {
  it('lets a whole picture and its parts pass', () => {
    check(pretendPlan(), none);
    check(stages({ stage: 'DECODE' }), new Map([['latent', zeros(4, 4, 32, 32)]]));
    check(stages(pretendPlan().stages[1]!), new Map([['prompt_embeds', zeros(1, 4, 8)]]));
  });

  it('lets a start pass that is as large as the picture', () => {
    const [encode, denoise] = pretendPlan({ start: { strength: 0.5 } }).stages as [StagePlan, DenoisePlan];
    const { width, height } = denoise;
    const image = new Map([['image', bytes(1, height, width, 3)]]);
    check({ ...stages({ stage: 'IMAGE_ENCODE' }, encode, denoise), returns: ['moments', 'encoded'] }, image);
    check(stages(encode, denoise), new Map([['moments', zeros(1, 8, height / 8, width / 8)]]));
    check(stages(encode, denoise), new Map([['start_latent', zeros(1, 4, height / 8, width / 8)]]));
  });

  it('lets a run pass that another one began, and that is to be gone on with', () => {
    const [encode, denoise] = pretendPlan({ resumeAt: 2, keepAt: [3, 4] }).stages as [StagePlan, DenoisePlan];
    const tensors = new Map([
      ['resume', zeros(1, 4, 8, 8)],
      ['resume_output_0', zeros(1, 4, 8, 8)],
    ]);
    check({ ...stages(encode, denoise), returns: ['at_3', 'at_4'] }, tensors);
  });

  it('lets a run pass that was interrupted, whatever it draws and had started from', () => {
    const own = pretendPlan({ resumeAt: 1, resumeDraws: 3, eta: 1, start: { strength: 0.5 }, checkpointEvery: 1 });
    check({ ...own, returns: [] }, new Map([['resume', zeros(1, 4, 8, 8)]]));
  });

  it('gives every text as one vector, for comparing', () => {
    check({ ...stages(text), returns: ['pooled_prompt_embeds'] }, none);
    expect(() => check({ ...stages(text), returns: ['negative_pooled_prompt_embeds'] }, none)).toThrow(
      'no stage makes',
    );
  });

  it('wants the pooled text where the UNet is told sizes, and lets it go without a negative prompt', () => {
    const sdxl = planCheck({ ...pretendCard, sizeConditioning: true, zerosForNoPrompt: true });
    const [, denoise] = pretendPlan({ guidanceScale: 2 }).stages as [StagePlan, StagePlan];
    sdxl({ ...stages({ ...text, negativeTokenIds: [] }, denoise), returns: ['negative_pooled_prompt_embeds'] }, none);
    const embeds = new Map([['prompt_embeds', zeros(1, 4, 8)]]);
    expect(() => sdxl(stages(denoise), embeds)).toThrow('reads pooled_prompt_embeds');
  });

  describe('of a checkpoint with an embedder and a discriminator', () => {
    const extras = planCheck({ ...pretendCard, embedder: true, discriminator: true });
    const embed = (...texts: number[][][]) => ({ stage: 'EMBED', texts }) as const;

    it('lets latents, encoded pictures and texts be embedded, and pictures be scored', () => {
      const [encode, denoise, decode] = pretendPlan().stages as [StagePlan, StagePlan, StagePlan];
      const whole = stages(encode, denoise, decode, embed(), { stage: 'SCORE' });
      extras({ ...whole, returns: ['embedding', 'score'] }, none);
      extras({ ...stages(embed([[2, 0, 1, 3]])), returns: ['text_embedding'] }, none);
      extras({ ...stages(embed()), returns: ['embedding'] }, new Map([['encoded', zeros(1, 4, 8, 8)]]));
      const image = new Map([['image', bytes(1, 64, 64, 3)]]);
      extras({ ...stages({ stage: 'IMAGE_ENCODE' }, embed()), returns: ['embedding'] }, image);
      extras({ ...stages({ stage: 'SCORE' }), returns: ['score'] }, new Map([['pixels', bytes(4, 30, 70, 3)]]));
    });

    it.each<[string, Plan, Record<string, Tensor>, string]>([
      ['nothing to embed', stages(embed()), {}, 'stages[0] reads encoded, which was neither sent nor made before'],
      ['a short text', stages(embed([[2, 0, 1, 3]], [[2]])), {}, 'stages[0].texts[1][0] has 1 ids, not 4'],
      ['an unknown token', stages(embed([[2, 0, 4, 3]])), {}, 'stages[0].texts[0][0][2] is not below 4'],
      ['one text encoder too many', stages(embed([[2], [2]])), {}, 'stages[0].texts[0] has 2 lists, one for each of 1'],
      [
        'an embedding of what is not there',
        { ...stages(embed([[2, 0, 1, 3]])), returns: ['embedding'] },
        {},
        'returns[0] is embedding, which no stage makes',
      ],
      ['no picture', stages({ stage: 'SCORE' }), {}, 'stages[0] reads pixels'],
      ['too large a picture', stages({ stage: 'SCORE' }), { pixels: bytes(1, 257, 8, 3) }, 'larger than 4 pictures'],
      [
        'pictures that are floats',
        stages({ stage: 'SCORE' }),
        { pixels: zeros(1, 8, 8, 3) },
        'height, width, 3] uint8',
      ],
    ])('refuses %s', (_, plan, tensors, message) => {
      expect(() => extras(plan, new Map(Object.entries(tensors)))).toThrow(message);
    });

    it('is asked of no other', () => {
      expect(() => check(stages(embed([[2, 0, 1, 3]])), none)).toThrow('this checkpoint has no embedder');
      const pixels = new Map([['pixels', bytes(1, 8, 8, 3)]]);
      expect(() => check(stages({ stage: 'SCORE' }), pixels)).toThrow('this checkpoint has no discriminator');
    });
  });

  const refused: [string, Plan, Record<string, Tensor>, string][] = [
    ['too many steps', pretendPlan({ steps: 501 }), {}, 'stages[1].steps is 501, this checkpoint takes at most 500'],
    ['too wide', pretendPlan({ width: 264 }), {}, 'stages[1].width is 264'],
    ['too high', pretendPlan({ height: 264 }), {}, 'stages[1].height is 264'],
    ['too many pictures', pretendPlan({ seeds: [1, 2, 3, 4, 5] }), {}, 'stages[1].seeds.length is 5'],
    ['a start that is not there', pretendPlan({ start: { strength: 0.5 } }), {}, 'reads start_latent'],
    [
      'a start of another size',
      pretendPlan({ start: { strength: 0.5 } }),
      { start_latent: zeros(1, 4, 3, 3) },
      'starts from start_latent [1,4,3,3], expected [1 or',
    ],
    [
      'a picture of another size to start from',
      stages({ stage: 'IMAGE_ENCODE' }, ...pretendPlan({ start: { strength: 0.5 } }).stages),
      { image: bytes(1, 64, 72, 3) },
      'stages[2] starts from moments [1,8,8,9], expected [1 or 1, 8, 8, 8]',
    ],
    [
      'moments of another size to start from',
      pretendPlan({ start: { strength: 0.5 } }),
      { moments: zeros(1, 8, 8, 9) },
      'starts from moments [1,8,8,9]',
    ],
    ['a picture that is not there', stages({ stage: 'IMAGE_ENCODE' }), {}, 'stages[0] reads image'],
    ['a picture of floats', stages(text), { image: zeros(1, 64, 64, 3) }, 'is not [images, height, width, 3] uint8'],
    ['too many pictures', stages(text), { image: bytes(17, 64, 64, 3) }, 'is larger than'],
    ['a picture of odd size', stages(text), { image: bytes(1, 64, 60, 3) }, 'is 60 x 64 pixels, not multiples of 8'],
    ['a huge picture', stages(text), { image: bytes(1, 264, 8, 3) }, 'pictures of 256 x 256'],
    ['moments of means alone', stages(text), { moments: zeros(1, 4, 8, 8) }, 'is not [images, 8, height, width]'],
    [
      'a strength that leaves no step',
      pretendPlan({ steps: 2, start: { strength: 0.4 } }),
      { start_latent: zeros(1, 4, 8, 8) },
      'stages[1].start.strength cannot be used: strength 0.4 of 2 steps is none, expected at least 0.5',
    ],
    [
      'a strength of nothing',
      pretendPlan({ start: { strength: 0 } }),
      { start_latent: zeros(1, 4, 8, 8) },
      'stages[1].start.strength cannot be used: strength is 0, expected a number above 0',
    ],
    [
      'a width that is odd before a start that does not fit it',
      pretendPlan({ width: 65, start: { strength: 0.5 } }),
      { start_latent: zeros(1, 4, 8, 8) },
      'stages[1].width is 65, not a multiple of 8',
    ],
    ['a run that is resumed from nothing', pretendPlan({ resumeAt: 2 }), {}, 'stages[1] reads resume'],
    [
      'what is resumed after its end',
      pretendPlan({ resumeAt: 4 }),
      { resume: zeros(1, 4, 8, 8) },
      'stages[1].resumeAt is 4, of 4 calls',
    ],
    [
      'what is resumed in another size',
      pretendPlan({ resumeAt: 2 }),
      { resume: zeros(1, 4, 8, 8), resume_output_0: zeros(1, 4, 8, 16) },
      'resumed from resume_output_0 [1,4,8,16], expected [1, 4, 8, 8]',
    ],
    [
      'a run that goes on behind its end, as it starts late',
      pretendPlan({ resumeAt: 2, resumeDraws: 3, start: { strength: 0.5 } }),
      { resume: zeros(1, 4, 8, 8) },
      'stages[1].resumeAt is 2, of 2 calls',
    ],
    ['draws of nobody', pretendPlan({ resumeDraws: 3 }), { resume: zeros(1, 4, 8, 8) }, 'resumeDraws is given without'],
    ['keeping what is past', pretendPlan({ resumeAt: 2, keepAt: [2] }), {}, 'keepAt[0] is 2, expected 3 to 4'],
    ['keeping what draws noise', pretendPlan({ eta: 1, keepAt: [2] }), {}, 'scheduler draws noise'],
    [
      'a start and a run to go on with',
      pretendPlan({ keepAt: [2], start: { strength: 0.5 } }),
      { start_latent: zeros(1, 4, 8, 8) },
      'stages[1].start is given for a run that is resumed',
    ],
    ['no negative prompt where zeros mean nothing', stages({ ...text, negativeTokenIds: [] }), {}, 'has 0 lists'],
    ['odd sizes', pretendPlan({ width: 65 }), {}, 'stages[1].width is 65, not a multiple of 8'],
    [
      'an unknown scheduler',
      pretendPlan({ scheduler: { _class_name: 'constructor' } }),
      {},
      'stages[1].scheduler cannot be used',
    ],
    ['guidance without a negative prompt', pretendPlan({ guidanceScale: 2 }), {}, 'reads negative_prompt_embeds'],
    ['results nobody makes', pretendPlan({}, { returns: ['score'] }), {}, 'returns[0] is score, which no stage makes'],
    ['stages in the wrong order', stages({ stage: 'DECODE' }, text), {}, 'stages[0] reads latent'],
    ['too few tokens', stages({ ...text, tokenIds: [[2, 3]] }), {}, 'stages[0].tokenIds[0] has 2 ids, not 4'],
    ['tokens of no word', stages({ ...text, tokenIds: [[2, 4, 3, 3]] }), {}, 'tokenIds[0][1] is not below 4'],
    ['two text encoders', stages({ ...text, negativeTokenIds: [[1], [1]] }), {}, 'negativeTokenIds has 2 lists'],
    ['tensors nobody reads', stages(text), { secret: zeros(1) }, 'tensors hold one that no stage reads'],
    ['a latent of other channels', stages({ stage: 'DECODE' }), { latent: zeros(1, 5, 8, 8) }, 'is not [images, 4,'],
    ['a huge latent', stages({ stage: 'DECODE' }), { latent: zeros(1, 4, 33, 8) }, 'is larger than 4 pictures'],
    [
      'a latent of bytes',
      stages({ stage: 'DECODE' }),
      { latent: { data: new Uint8Array(4), dims: [1, 4, 1, 1] } },
      'is not float32',
    ],
    [
      'a latent of NaN',
      stages({ stage: 'DECODE' }),
      { latent: { data: new Float32Array([0, 0, Number.NaN, 0]), dims: [1, 4, 1, 1] } },
      'holds NaN',
    ],
  ];
  it.each(refused)('refuses %s', (_, plan, tensors, problem) => {
    expect(() => check(plan, new Map(Object.entries(tensors)))).toThrow(
      expect.objectContaining({ name: 'PlanError', message: expect.stringContaining(problem) }),
    );
  });
});
