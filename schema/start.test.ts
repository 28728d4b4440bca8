import { describe, expect, test } from 'vitest';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard, testLatent } from './testing/services.ts';

const GENERATE = /* GraphQL */ `
  mutation ($input: GenerateInput!) {
    generate(input: $input) {
      __typename
      ... on Error { code message }
      ... on InputError { issues { path message } }
      ... on GenerateSuccess {
        generation {
          progress { steps }
          parameters { startLatentKey strength sdxl { originalWidth cropTop targetHeight } }
        }
      }
    }
  }
`;

async function generate(input: Record<string, unknown>, services = memoryServices()) {
  const { data, errors } = await ask(services, GENERATE, { input: { prompt: 'a dog', ...input } });
  return { services, errors, result: data?.generate };
}

const latentKey = testLatent.key;

describe('a start', () => {
  test('has a strength of 0.7 unless told, and takes fewer steps', async () => {
    const { result, services } = await generate({ start: { from: { latentKey } }, count: 2 });
    expect(result.generation).toEqual({
      progress: { steps: 2 * 14 },
      parameters: { startLatentKey: latentKey, strength: 0.7, sdxl: null },
    });
    expect(services.asked).toEqual(['start 128x128', 'create']);
    expect(services.generations.requests[0]).toMatchObject({
      parameters: { start: { from: 'LATENT', latentKey, strength: 0.7 } },
      startContent: null,
    });
  });

  test('is brought to the size that was asked for, and handed on to be stored', async () => {
    const start = { from: { image: { data: 'x' } }, strength: 1 };
    const { services } = await generate({ start, width: 192, height: 64 });
    expect(services.generations.requests[0]!.startContent).toMatchObject({ pixels: { width: 192, height: 64 } });
  });

  test('is none when it is null', async () => {
    const { result, services } = await generate({ start: null });
    expect(result.generation.parameters).toEqual({ startLatentKey: null, strength: null, sdxl: null });
    expect(services.asked).toEqual(['create']);
  });

  test.each([
    [{ strength: -0.1 }, 20, 'strength is -0.1: at least 0'],
    [{ strength: 1.01 }, 20, 'strength is 1.01: at most 1'],
    [{ strength: 0 }, 20, 'strength is 0: of 20 steps none would be done, at least 0.05'],
    [{ strength: 0.3 }, 3, 'strength is 0.3: of 3 steps none would be done, at least 0.3334'],
    [{}, 1, 'strength is 0.7: of 1 step none would be done, at least 1'],
  ])('of %j is refused for %i steps, and nothing is read', async (strength, steps, message) => {
    const { result, services } = await generate({ start: { from: { latentKey }, ...strength }, steps });
    expect(result).toMatchObject({ issues: [{ path: ['input', 'start', 'strength'], message }] });
    expect(services.asked).toEqual([]);
  });

  test('is read after everything else was found right', async () => {
    const start = { from: { image: { data: 'broken' } } };
    const { result, services } = await generate({ start });
    expect(result.issues).toEqual([{ path: ['input', 'start', 'from', 'image', 'data'], message: 'broken' }]);
    expect(services.asked).toEqual(['start 128x128']);
    expect((await generate({ start, steps: 0 })).services.asked).toEqual([]);
    expect((await generate({ start, prompt: 'forbidden' })).services.asked).toEqual([]);
  });

  test.each([
    [{ start: {} }, '"from" of required type "StartFrom!" was not provided'],
    [{ start: { from: {} } }, 'Exactly one key must be specified for OneOf type "StartFrom"'],
    [{ start: { from: { latentKey, image: { data: 'x' } } } }, 'Exactly one key must be specified'],
    [{ start: { from: { image: { data: 'x', latentKey } } } }, 'Exactly one key must be specified'],
    [{ start: { from: { latentKey: null } } }, 'must be non-null'],
    [{ start: { from: { latentKey }, strength: null } }, 'Expected non-nullable type "Float!" not to be null'],
  ])('of another form is refused: %j', async (input, message) => {
    const { errors, services } = await generate(input);
    expect(errors?.[0]?.message).toContain(message);
    expect(services.asked).toEqual([]);
  });
});

describe('sizes', () => {
  const told = memoryServices([{ ...testCard, sizeConditioning: true }]);

  test('are told with their defaults filled in', async () => {
    const { result } = await generate({ width: 64, sdxl: { originalWidth: 1024, cropTop: null } }, told);
    expect(result.generation.parameters.sdxl).toEqual({ originalWidth: 1024, cropTop: 0, targetHeight: 128 });
    expect((await generate({}, told)).result.generation.parameters.sdxl.originalWidth).toBe(128);
  });

  test('are refused out of range, all at once', async () => {
    const { result } = await generate({ sdxl: { originalWidth: 0, cropLeft: -1, targetHeight: 16_385 } }, told);
    expect(result.issues).toEqual([
      { path: ['input', 'sdxl', 'originalWidth'], message: 'originalWidth is 0: at least 1' },
      { path: ['input', 'sdxl', 'cropLeft'], message: 'cropLeft is -1: at least 0' },
      { path: ['input', 'sdxl', 'targetHeight'], message: 'targetHeight is 16385: at most 16384' },
    ]);
  });

  test('are refused where nobody listens', async () => {
    expect((await generate({ sdxl: { cropTop: 1 } })).result).toMatchObject({ code: 'UNSUPPORTED' });
    expect((await generate({ sdxl: { cropTop: null } })).result.__typename).toBe('GenerateSuccess');
  });
});
