import { describe, expect, it } from 'vitest';
import { Posterior } from '../models/autoencoder/posterior.ts';
import type { Conditioning } from '../models/conditioning.ts';
import { ModelError } from '../models/model-error.ts';
import { ParameterError } from '../models/parameter-error.ts';
import type { FloatTensor, Tensor } from '../models/runtime.ts';
import { UnsupportedError } from '../models/unsupported.ts';
import { pretendPlan } from '../test/backend/pretend-card.ts';
import type { FrameHeader, Plan } from '../wire/plan.ts';
import { type Models, runPlan } from './stages.ts';

const embeddings: Conditioning = { promptEmbeds: { data: new Float32Array(8), dims: [1, 1, 8] }, pooled: null };

/** Models of which only the text encoder is ever asked. */
function modelsThat(encodeText: Models['encodeText']): Models {
  const never = () => {
    throw new Error('not asked in this test');
  };
  return {
    encodeText,
    noPrompt: never,
    encode: never,
    scaleLatent: never,
    denoise: never,
    decodeToPixels: never,
    previewOf: () => null,
    embedLatents: never,
    embedTexts: never,
    score: never,
  };
}

async function run(plan: Plan, models: Models, sent: Record<string, Tensor> = {}) {
  const headers: FrameHeader[] = [];
  const results: Record<string, Tensor> = {};
  const unexpected: unknown[] = [];
  const frames = runPlan(
    plan,
    sent,
    models,
    () => false,
    error => unexpected.push(error),
  );
  for await (const { header, tensors } of frames) {
    headers.push(header);
    Object.assign(results, tensors);
  }
  return { headers, results, unexpected };
}

const encodePlan = (change: { negativeTokenIds?: number[][]; clipSkip?: number }) =>
  pretendPlan(
    {},
    {
      stages: [{ stage: 'TEXT_ENCODE', tokenIds: [[1]], negativeTokenIds: null, clipSkip: null, ...change }],
      returns: [],
    },
  );

/** Calls itself until the stack has no room. */
function endless(): number {
  return 1 + endless();
}

describe('a stage that fails', () => {
  it.each([
    ['a parameter that the models refuse', () => new ParameterError('7 steps, expected 4'), 'plan_invalid'],
    ['what the models do not compute', () => new UnsupportedError('sampling by magic'), 'plan_invalid'],
    ['NaN', () => new ModelError('unet', 'NaN at 0 of 1 values'), 'model_failed'],
  ])('is told as what it is: %s', async (_, error, code) => {
    const { headers, unexpected } = await run(
      encodePlan({}),
      modelsThat(() => Promise.reject(error())),
    );
    expect(headers).toEqual([
      { kind: 'failed', stage: 'TEXT_ENCODE', code, message: error().message, retryable: false },
    ]);
    expect(unexpected).toEqual([]);
  });

  it.each([
    ['memory that is not there', () => new Float32Array(2 ** 52)],
    ['a stack that is full', endless],
    ['anything else', () => JSON.parse('{')],
  ])('keeps the engine’s own words for the log: %s', async (_, act) => {
    const { headers, unexpected } = await run(
      encodePlan({}),
      modelsThat(async () => act() as never),
    );
    expect(headers).toMatchObject([{ kind: 'failed', code: 'internal', retryable: true }]);
    expect(JSON.stringify(headers)).toContain('the log of the backend has more');
    expect(unexpected).toEqual([expect.any(Error)]);
  });
});

it('encodes a picture once, and starts every image from what it may be', async () => {
  const moments = { data: Float32Array.of(3, -30), dims: [1, 2, 1, 1] };
  const starts: unknown[] = [];
  const models: Models = {
    ...modelsThat(async () => embeddings as Awaited<ReturnType<Models['encodeText']>>),
    encode: async ({ data }) => {
      expect([...data]).toEqual([1, -1, 1]);
      return new Posterior(moments);
    },
    scaleLatent: ({ data, dims }) => ({ data: data.map(value => value / 2), dims }),
    async *denoise({ start }) {
      starts.push(start);
      yield { step: 1, steps: 1, timestep: 0, latent: moments, modelOutput: moments, schedulerState: {}, draws: 1 };
    },
  };
  const [encode, denoise] = pretendPlan({ start: { strength: 0.5 } }).stages;
  const plan = pretendPlan({}, { stages: [{ stage: 'IMAGE_ENCODE' }, encode!, denoise!], returns: ['encoded'] });
  const sent = { image: { data: Uint8Array.of(255, 0, 255), dims: [1, 1, 1, 3] } };
  const { headers, results } = await run(plan, models, sent);
  expect(headers.map(header => ('stage' in header ? header.stage : header.kind))).toEqual([
    'IMAGE_ENCODE',
    'TEXT_ENCODE',
    'step',
    'DENOISE',
    'done',
  ]);
  expect(results).toEqual({ encoded: { data: Float32Array.of(1.5), dims: [1, 1, 1, 1] } });
  expect(starts).toEqual([{ strength: 0.5, posterior: new Posterior(moments) }]);
});

it('goes on from where another run was, and keeps where this one may be taken up', async () => {
  const tensor = (number: number): FloatTensor => ({ data: Float32Array.of(number), dims: [1, 1, 1, 1] });
  const resumed: unknown[] = [];
  const models: Models = {
    ...modelsThat(async () => embeddings as Awaited<ReturnType<Models['encodeText']>>),
    async *denoise({ resume }) {
      resumed.push(resume);
      for (const step of [3, 4]) {
        const schedulerState = { output_0: Float32Array.of(10 * step) };
        yield { step, steps: 4, timestep: 0, latent: tensor(step), modelOutput: tensor(0), schedulerState, draws: 1 };
      }
    },
  };
  const stages = pretendPlan({ resumeAt: 2, keepAt: [3] }).stages.slice(0, 2);
  const plan = pretendPlan({}, { stages, returns: ['at_3', 'latent'] });
  const { headers, results } = await run(plan, models, { resume: tensor(2), resume_output_0: tensor(20) });
  expect(headers).toContainEqual({ kind: 'step', step: 3, steps: 4 });
  const state = { output_0: Float32Array.of(20) };
  expect(resumed).toEqual([{ step: 2, draws: null, latent: tensor(2), state }]);
  expect(results).toEqual({ at_3: tensor(3), at_3_output_0: tensor(30), latent: tensor(4) });
  const alone = await run({ ...plan, returns: ['latent'] }, models, { resume: tensor(2) });
  expect(Object.keys(alone.results)).toEqual(['latent']);
});

it('hands out with a step what the run is gone on with from there, but not with the last', async () => {
  const tensor = (number: number): FloatTensor => ({ data: Float32Array.of(number), dims: [1, 1, 1, 1] });
  const asked: unknown[] = [];
  const models: Models = {
    ...modelsThat(async () => embeddings as Awaited<ReturnType<Models['encodeText']>>),
    async *denoise({ resume, start }) {
      asked.push([resume?.draws, start]);
      for (let step = 3; step <= 6; step++) {
        const schedulerState = { output_0: Float32Array.of(10 * step) };
        const made = { latent: tensor(step), modelOutput: tensor(0), schedulerState, draws: step + 1 };
        yield { step, steps: 6, timestep: 0, ...made };
      }
    },
  };
  const own = { resumeAt: 2, resumeDraws: 3, checkpointEvery: 2, start: { strength: 0.5 } };
  const plan = pretendPlan({}, { stages: pretendPlan(own).stages.slice(0, 2), returns: ['latent'] });
  const { headers, results } = await run(plan, models, { resume: tensor(2) });
  expect(asked).toEqual([[3, { strength: 0.5, latent: tensor(2) }]]);
  expect(headers.filter(({ kind }) => kind === 'step')).toEqual([
    { kind: 'step', step: 3, steps: 6 },
    { kind: 'step', step: 4, steps: 6, draws: 5 },
    { kind: 'step', step: 5, steps: 6 },
    { kind: 'step', step: 6, steps: 6 },
  ]);
  expect(results).toEqual({ resume: tensor(4), resume_output_0: tensor(40), latent: tensor(6) });
});

describe('embedding', () => {
  const row = (...numbers: number[]): FloatTensor => ({ data: Float32Array.from(numbers), dims: [1, numbers.length] });
  const models: Models = {
    ...modelsThat(async ([[id = 0] = []]) => ({ promptEmbeds: row(id), pooled: row() })),
    embedLatents: async ({ data }) => row(data[0]!, 10),
    embedTexts: async ({ data }) => row(data[0]!, 20),
  };
  const embed = (texts: number[][][], ...returns: string[]) =>
    pretendPlan({}, { stages: [{ stage: 'EMBED', texts }], returns });

  it('takes what was sampled before what was encoded, and every text', async () => {
    const sent = { latent: row(1), encoded: row(2) };
    const { headers, results } = await run(embed([[[7]], [[8]]], 'embedding', 'text_embedding'), models, sent);
    expect(headers).toMatchObject([{ kind: 'result', stage: 'EMBED' }, { kind: 'done' }]);
    expect(results).toEqual({
      embedding: row(1, 10),
      text_embedding: { data: Float32Array.of(7, 20, 8, 20), dims: [2, 2] },
    });
    expect((await run(embed([], 'embedding'), models, { encoded: row(2) })).results).toEqual({ embedding: row(2, 10) });
    expect((await run(embed([[[7]]], 'text_embedding'), models)).results).toEqual({ text_embedding: row(7, 20) });
  });
});

it('scores one picture after the other', async () => {
  const asked: unknown[] = [];
  const models: Models = {
    ...modelsThat(() => Promise.reject(new Error('not asked'))),
    score: async ({ data, dims }) => {
      asked.push(dims);
      return { data: Float32Array.of(data[0]! / 4), dims: [1] };
    },
  };
  const plan = pretendPlan({}, { stages: [{ stage: 'SCORE' }], returns: ['score'] });
  const pixels = { data: Uint8Array.of(1, 0, 0, 3, 0, 0), dims: [2, 1, 1, 3] };
  expect((await run(plan, models, { pixels })).results).toEqual({
    score: { data: Float32Array.of(0.25, 0.75), dims: [2] },
  });
  expect(asked).toEqual([
    [1, 1, 1, 3],
    [1, 1, 1, 3],
  ]);
});

it('leaves layers out for the prompt alone, as diffusers does', async () => {
  const asked: unknown[] = [];
  const models = modelsThat(async (ids, { clipSkip = null } = {}) => {
    asked.push([ids, clipSkip]);
    return embeddings as Awaited<ReturnType<Models['encodeText']>>;
  });
  await run(encodePlan({ negativeTokenIds: [[2]], clipSkip: 2 }), models);
  expect(asked).toEqual([
    [[[1]], 2],
    [[[2]], null],
  ]);
});
