import { describe, expect, test } from 'vitest';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard, testLatent } from './testing/services.ts';

const GENERATE = /* GraphQL */ `
  mutation ($input: GenerateInput!) {
    generate(input: $input) {
      __typename
      ... on Error { code message }
      ... on InputError { issues { path message } }
      ... on GenerateSuccess { replayed generation { id parameters { seed } } }
    }
  }
`;

async function generate(input: Record<string, unknown>, services = memoryServices()) {
  const { data, errors } = await ask(services, GENERATE, { input: { prompt: 'a dog', ...input } });
  expect(errors).toBeUndefined();
  return { services, result: data.generate };
}

/** What tells an input from others. */
async function identity(input: Record<string, unknown>): Promise<string> {
  const { services } = await generate(
    { idempotencyKey: 'k', ...input },
    memoryServices([{ ...testCard, sizeConditioning: true }]),
  );
  const { idempotency } = services.generations.requests[0]!;
  expect(idempotency!.key).toBe('k');
  return idempotency!.input;
}

describe('an idempotency key', () => {
  test('makes the same request the same generation, drawn seed and all', async () => {
    const { services, result: first } = await generate({ idempotencyKey: 'k' });
    const { result: second } = await generate({ idempotencyKey: 'k', wait: 1, negativePrompt: null }, services);
    expect(first.replayed).toBe(false);
    expect(second).toEqual({ ...first, replayed: true });
    expect((await generate({ idempotencyKey: 'l' }, services)).result.replayed).toBe(false);
    expect(services.generations.all).toHaveLength(2);
  });

  test('cannot be used for something else', async () => {
    const { services } = await generate({ idempotencyKey: 'k' });
    const { result } = await generate({ idempotencyKey: 'k', seed: 7 }, services);
    expect(result).toMatchObject({ __typename: 'RequestError', code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('is not needed', async () => {
    for (const idempotencyKey of [undefined, null]) {
      const { services, result } = await generate({ idempotencyKey });
      expect(result.replayed).toBe(false);
      expect(services.generations.requests[0]!.idempotency).toBeNull();
    }
  });

  test.each([
    ['', 'is empty: 1 to 255 characters'],
    ['k'.repeat(256), 'has 256 characters: at most 255'],
    ['\ud83d', 'has half a character, a lone surrogate'],
  ])('cannot be %j', async (idempotencyKey, fault) => {
    const { services, result } = await generate({ idempotencyKey });
    const message = `idempotencyKey ${fault}`;
    expect(result).toMatchObject({ code: 'INPUT_INVALID', issues: [{ path: ['input', 'idempotencyKey'], message }] });
    expect(services.asked).toEqual([]);
  });

  test.each(['k', 'k'.repeat(255), '🐕'.repeat(255), ' '])('can be %j', async idempotencyKey => {
    expect((await generate({ idempotencyKey })).result.__typename).toBe('GenerateSuccess');
  });

  test('that is wrong is told along with everything else that is', async () => {
    const { result } = await generate({ idempotencyKey: '', steps: 0, webhook: 'ftp://x', prompt: '' });
    expect(result.issues.map(({ path }: { path: string[] }) => path[1])).toEqual([
      'steps',
      'idempotencyKey',
      'webhook',
      'prompt',
    ]);
  });
});

describe('what tells one input from another', () => {
  const { key: latentKey } = testLatent;

  test('is canonical JSON of what was asked, and of nothing that the server has filled in', async () => {
    expect(await identity({})).toBe('{"prompt":"a dog"}');
    expect(await identity({ seed: '12', webhook: 'https://a.example', scheduler: 'EULER', guidanceScale: 5.0 })).toBe(
      '{"guidanceScale":5,"prompt":"a dog","scheduler":"EULER","seed":12,"webhook":"https://a.example"}',
    );
    expect(await identity({ start: { from: { latentKey } }, count: 2 })).toBe(
      `{"count":2,"prompt":"a dog","start":{"from":"LATENT","latentKey":"${latentKey}","strength":0.7}}`,
    );
  });

  test.each([
    [{}, { wait: 1000, negativePrompt: null, sdxl: null, start: null, idempotencyKey: 'k' }],
    [{ seed: 7 }, { seed: '7' }],
    [
      { width: 64, height: 128 },
      { height: 128, width: 64 },
    ],
    [{ sdxl: { cropTop: 1 } }, { sdxl: { cropLeft: null, cropTop: 1 } }],
    [
      { start: { from: { image: { data: 'one way' } } } },
      { start: { strength: 0.7, from: { image: { data: 'another way to write it' } } } },
    ],
  ])('is not how it was written: %j, %j', async (one, other) => {
    expect(await identity(one)).toBe(await identity(other));
  });

  test.each([
    [{}, { seed: 0 }],
    [{ seed: 1 }, { seed: 2 }],
    [{}, { negativePrompt: 'x' }],
    [{ prompt: 'a cat' }, { prompt: 'A cat' }],
    [{ sdxl: { cropTop: 1 } }, { sdxl: { cropLeft: 1 } }],
    [{ start: { from: { latentKey } } }, { start: { from: { latentKey }, strength: 0.6 } }],
    [{ start: { from: { latentKey } } }, { start: { from: { latentKey: '1'.repeat(64) } } }],
    [{ start: { from: { latentKey: 'e'.repeat(64) } } }, { start: { from: { image: { data: 'x' } } } }],
    [{ webhook: 'https://a.example' }, { webhook: 'https://b.example' }],
  ])('is what was asked for: %j, %j', async (one, other) => {
    expect(await identity(one)).not.toBe(await identity(other));
  });

  test('holds no picture, however large the one that was sent', async () => {
    const start = { from: { image: { data: 'A'.repeat(1_000_000) } } };
    expect((await identity({ start })).length).toBeLessThan(200);
  });
});
