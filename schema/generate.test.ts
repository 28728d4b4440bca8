import { describe, expect, test } from 'vitest';
import { RetryLater } from './context.ts';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard } from './testing/services.ts';

const GENERATE = /* GraphQL */ `
  mutation ($input: GenerateInput!) {
    generate(input: $input) {
      __typename
      ... on Error { code message }
      ... on InputError { issues { path message } }
      ... on PromptError { report { allowed errors { path message } } }
      ... on RetryLaterError { retryAfterMs }
      ... on GenerateSuccess {
        replayed
        generation {
          id status prompt negativePrompt
          progress { step steps fraction }
          parameters { checkpoint width height steps guidanceScale guidanceRescale eta clipSkip scheduler seed count score keep }
        }
      }
    }
  }
`;

async function generate(input: Record<string, unknown>, services = memoryServices()) {
  const { data, errors } = await ask(services, GENERATE, { input: { prompt: 'a dog', ...input } });
  return { services, errors, result: data?.generate };
}

describe('generate', () => {
  test('fills in the checkpoint’s defaults and draws a seed', async () => {
    const { result, services } = await generate({});
    expect(result.generation.parameters).toEqual({
      checkpoint: 'shipped',
      width: 128,
      height: 128,
      steps: 20,
      guidanceScale: 5,
      guidanceRescale: 0,
      eta: 0,
      clipSkip: null,
      scheduler: 'DDIM',
      seed: expect.any(Number),
      count: 1,
      score: false,
      keep: null,
    });
    expect(result.replayed).toBe(false);
    expect(result.generation.progress).toEqual({ step: 0, steps: 20, fraction: 0 });
    expect(services.asked).toEqual(['create']);
  });

  test('takes every parameter as it is given, null as absent', async () => {
    const given = { width: 192, height: 64, steps: 7, guidanceScale: 1.5, guidanceRescale: 0.7, eta: 1, clipSkip: 2 };
    const { result, services } = await generate({
      ...given,
      scheduler: 'DDIM',
      seed: '9007199254740990',
      count: 2,
      checkpoint: 'plain',
      negativePrompt: 'a cat',
      wait: null,
    });
    expect(result.generation.parameters).toMatchObject({
      ...given,
      scheduler: 'DDIM',
      seed: 9007199254740990,
      count: 2,
      checkpoint: 'plain',
    });
    expect(result.generation.negativePrompt).toBe('a cat');
    expect(services.generations.requests[0]?.card.name).toBe('plain');
  });

  test('waits when asked to, and answers with the newest state', async () => {
    const { result, services } = await generate({ wait: 60000 });
    expect(services.asked).toEqual(['create', 'wait 60000']);
    expect(result.generation.status).toBe('SUCCEEDED');
  });

  test.each([
    ['width', 100001, 'width is 100001: at most 512'],
    ['width', 0, 'width is 0: at least 64'],
    ['width', -64, 'width is -64: at least 64'],
    ['width', 100, 'width is 100: must be a multiple of 64'],
    ['height', 320, 'height is 320: at most 256'],
    ['steps', 0, 'steps is 0: at least 1'],
    ['steps', 100000, 'steps is 100000: at most 1000'],
    ['guidanceScale', -1, 'guidanceScale is -1: at least 0'],
    ['guidanceScale', 1e300, 'guidanceScale is 1e+300: at most 100'],
    ['guidanceRescale', 1.1, 'guidanceRescale is 1.1: at most 1'],
    ['eta', 2, 'eta is 2: at most 1'],
    ['eta', -0.5, 'eta is -0.5: at least 0'],
    ['clipSkip', -1, 'clipSkip is -1: at least 0'],
    ['clipSkip', 12, 'clipSkip is 12: at most 11'],
    ['count', 0, 'count is 0: at least 1'],
    ['count', 17, 'count is 17: at most 16'],
    ['wait', 60001, 'wait is 60001: at most 60000'],
    ['wait', -1, 'wait is -1: at least 0'],
  ])('refuses %s %d and names the limit', async (name, value, message) => {
    const { result, services } = await generate({ [name]: value });
    expect(result).toMatchObject({ __typename: 'InputError', code: 'INPUT_INVALID', message });
    expect(result.issues).toEqual([{ path: ['input', name], message }]);
    expect(services.asked).toEqual([]);
  });

  test('refuses a seed whose last image would go beyond 2^53 - 1', async () => {
    const { result } = await generate({ seed: Number.MAX_SAFE_INTEGER, count: 2 });
    expect(result.issues).toEqual([
      {
        path: ['input', 'seed'],
        message: 'seed is 9007199254740991: with 2 images at most 9007199254740990',
      },
    ]);
  });

  test('tells everything that is wrong at once, the prompt’s faults too', async () => {
    const { result } = await generate({ prompt: '', steps: 0, width: 1, eta: 3 });
    expect(result.__typename).toBe('InputError');
    expect(result.issues.map((issue: { path: string[] }) => issue.path.join('.')).sort()).toEqual([
      'input.eta',
      'input.prompt',
      'input.steps',
      'input.width',
    ]);
  });

  test.each([-1, 'abc', '', '-1', '1.5', 1.5, 2 ** 53, '9007199254740992', '99999999999999999', true, Number.NaN])(
    'refuses the seed %j',
    async seed => {
      const { errors, services } = await generate({ seed });
      expect(errors?.[0]?.message).toContain('a whole number from 0 to 9007199254740991');
      expect(errors?.[0]?.extensions.code).toBe('INPUT_INVALID');
      expect(services.asked).toEqual([]);
    },
  );

  test.each([
    ['0', 0],
    ['"0"', 0],
    ['-0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['"9007199254740991"', Number.MAX_SAFE_INTEGER],
  ])('takes the seed %s', async (literal, seed) => {
    const { data } = await ask(
      memoryServices(),
      `mutation { generate(input: { prompt: "x", seed: ${literal} }) { ... on GenerateSuccess { generation { parameters { seed } } } } }`,
    );
    expect(data.generate.generation.parameters.seed).toBe(seed);
  });

  test.each(['-1', '1.5', '"abc"', '9007199254740992', 'null_', '[1]', '1e3'])(
    'refuses the literal seed %s',
    async literal => {
      const { errors } = await ask(
        memoryServices(),
        `mutation { generate(input: { prompt: "x", seed: ${literal} }) { __typename } }`,
      );
      expect(errors?.[0]?.message).toContain('a whole number from 0 to');
    },
  );

  test('refuses a literal that is infinite', async () => {
    const { data } = await ask(
      memoryServices(),
      'mutation { generate(input: { prompt: "x", guidanceScale: 1e999 }) { ... on InputError { message } } }',
    );
    expect(data.generate.message).toBe('guidanceScale is Infinity: at most 100');
  });

  test('refuses an enum value that there is not, and numbers that are none', async () => {
    expect((await generate({ scheduler: 'MAGIC' })).errors?.[0]?.message).toContain(
      '"MAGIC" does not exist in "Scheduler"',
    );
    expect((await generate({ width: 1e12 })).errors?.[0]?.message).toContain('Int');
  });

  test('answers with the prompt’s report when only the prompt is at fault', async () => {
    const empty = await generate({ prompt: '' });
    expect(empty.result).toMatchObject({
      __typename: 'PromptError',
      code: 'PROMPT_INVALID',
      report: { allowed: false, errors: [{ path: ['input', 'prompt'], message: 'prompt is empty' }] },
    });
    const refused = await generate({ prompt: 'a forbidden dog' });
    expect(refused.result).toMatchObject({ __typename: 'PromptError', code: 'PROMPT_REFUSED' });
    expect(refused.services.asked).toEqual([]);
  });

  test('knows no checkpoint of another name', async () => {
    const { result } = await generate({ checkpoint: 'nope' });
    expect(result).toEqual({
      __typename: 'RequestError',
      code: 'NOT_FOUND',
      message: 'There is no checkpoint "nope". Name one that there is: "shipped", "plain"',
    });
  });

  test('scores images and keeps the best where there is a discriminator', async () => {
    const services = memoryServices([{ ...testCard, discriminator: true, realFrom: 0.5 }]);
    const { result } = await generate({ score: true, count: 4, keep: 4 }, services);
    expect(result.generation.parameters).toMatchObject({ count: 4, score: true, keep: 4 });
    expect((await generate({ score: true, count: 4 })).result).toEqual({
      __typename: 'RequestError',
      code: 'UNSUPPORTED',
      message: 'The checkpoint shipped has no discriminator: leave out score and keep',
    });
  });

  test.each([
    [{ score: true, count: 2, keep: 3 }, 'keep is 3: at most count, 2'],
    [{ score: true, keep: 0 }, 'keep is 0: at least 1'],
    [{ keep: 1 }, 'keep is 1: which are the best is known only with score: true'],
  ])('cannot keep so many: %j', async (input, message) => {
    const { result } = await generate(input, memoryServices([{ ...testCard, discriminator: true }]));
    expect(result).toMatchObject({ __typename: 'InputError', issues: [{ path: ['input', 'keep'], message }] });
  });

  test('cannot run a scheduler that the checkpoint does not take', async () => {
    const services = memoryServices([{ ...testCard, schedulers: ['EULER'] }]);
    const { result } = await generate({ scheduler: 'DDIM' }, services);
    expect(result).toEqual({
      __typename: 'RequestError',
      code: 'UNSUPPORTED',
      message: 'The checkpoint shipped cannot be run with DDIM, only with EULER',
    });
  });

  test('cannot run a scheduler with the checkpoint’s own options, and says which', async () => {
    const services = memoryServices([{ ...testCard, scheduler: { beta_schedule: 'sigmoid' } }]);
    const { result } = await generate({ scheduler: 'EULER' }, services);
    expect(result).toMatchObject({ __typename: 'RequestError', code: 'UNSUPPORTED' });
    expect(result?.message).toContain('EULER: scheduler option beta_schedule "sigmoid" is not supported');
  });

  test('cannot take more steps than a scheduler has', async () => {
    const services = memoryServices([{ ...testCard, schedulers: ['LCM'] }]);
    const { result } = await generate({ scheduler: 'LCM', steps: 51 }, services);
    expect(result).toMatchObject({ __typename: 'InputError', issues: [{ path: ['input', 'steps'] }] });
    expect(services.asked).toEqual([]);
  });

  test('says when to come back', async () => {
    const services = memoryServices();
    services.generations.create = async () => {
      throw new RetryLater('BACKEND_UNAVAILABLE', 'No backend answers', 1500);
    };
    const { result } = await generate({}, services);
    expect(result).toEqual({
      __typename: 'RetryLaterError',
      code: 'BACKEND_UNAVAILABLE',
      message: 'No backend answers',
      retryAfterMs: 1500,
    });
  });

  test('that was accepted is told even when waiting for its end fails', async () => {
    const services = memoryServices();
    const lost = new TypeError('the object was reset');
    services.generations.wait = () => Promise.reject(lost);
    const faults: unknown[] = [];
    const { data, errors } = await ask(services, GENERATE, { input: { prompt: 'a dog', wait: 1000 } }, (...fault) =>
      faults.push(fault),
    );
    expect(errors).toBeUndefined();
    expect(data.generate).toMatchObject({ __typename: 'GenerateSuccess', generation: { status: 'QUEUED' } });
    expect(faults).toEqual([[lost, 'generate.wait']]);
  });

  test('leaves faults to the error mask', async () => {
    const services = memoryServices();
    services.generations.create = async () => {
      throw new TypeError('D1 said no');
    };
    const { result, errors } = await generate({}, services);
    expect(result).toBeNull();
    expect(errors?.[0]?.originalError?.message).toBe('D1 said no');
  });
});
