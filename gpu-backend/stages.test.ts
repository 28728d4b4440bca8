import { describe, expect, it } from 'vitest';
import type { Conditioning } from '../models/conditioning.ts';
import { ModelError } from '../models/model-error.ts';
import { ParameterError } from '../models/parameter-error.ts';
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
  return { encodeText, noPrompt: never, denoise: never, decodeToPixels: never };
}

async function run(plan: Plan, models: Models) {
  const headers: FrameHeader[] = [];
  const unexpected: unknown[] = [];
  const frames = runPlan(
    plan,
    {},
    models,
    () => false,
    error => unexpected.push(error),
  );
  for await (const { header } of frames) headers.push(header);
  return { headers, unexpected };
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
