import { describe, expect, it } from 'vitest';
import type { GenerationState } from '../../../schema/context.ts';
import { memoryServices } from '../../../schema/testing/services.ts';
import { readImageRequest } from './fields.ts';
import { imageEvents } from './image-events.ts';

const request = readImageRequest({ prompt: 'a', stream: true, user: 'u' });
const { images } = memoryServices();

const state = (status: string, made: number, failure: object | null = null) =>
  ({
    status,
    failure,
    report: { tokenIds: [1, 2, 3] },
    parameters: { width: 64, height: 32, steps: 4, start: null },
    images: Array.from({ length: made }, (_, index) => ({ id: `i${index}`, seed: index })),
    createdAt: '2026-11-29T00:00:00.000Z',
  }) as unknown as GenerationState;

async function events(...states: (GenerationState | null)[]) {
  const texts: string[] = [];
  const all = (async function* () {
    yield* states;
  })();
  for await (const text of imageEvents(all, request, images)) texts.push(text);
  return texts.map(text => {
    const [, name, data] = /^event: (.+)\ndata: (.+)\n\n$/.exec(text)!;
    return { name, data: JSON.parse(data!) };
  });
}

describe('imageEvents', () => {
  it('sends each picture once, when it is there', async () => {
    const sent = await events(state('DENOISING', 0), state('DENOISING', 1), state('SUCCEEDED', 2));
    expect(sent.map(({ name, data }) => [name, data.b64_json])).toEqual([
      ['image_generation.completed', btoa('i0')],
      ['image_generation.completed', btoa('i1')],
    ]);
    expect(sent[0]!.data).toMatchObject({
      type: 'image_generation.completed',
      ...{ size: '64x32', output_format: 'png', quality: 'auto', background: 'opaque', safety_identifier: 'u' },
      ...{ created_at: 1795910400, usage: { input_tokens: 3, output_tokens: 0, total_tokens: 3 } },
    });
  });

  it.each([
    [state('FAILED', 0, { code: 'MODEL_FAILED', message: 'NaN', retryable: false }), 'model_failed', 'server_error'],
    [state('CANCELLED', 0), 'cancelled', 'invalid_request_error'],
    [null, 'not_found', 'invalid_request_error'],
  ])('ends with an error where it ends otherwise', async (last, code, type) => {
    expect(await events(state('QUEUED', 0), last)).toEqual([
      { name: 'error', data: { type: 'error', error: expect.objectContaining({ code, type, param: null }) } },
    ]);
  });
});
