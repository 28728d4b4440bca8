/** OpenAI's published client, unmodified, against the built worker and a real backend. */
import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './house.ts';

let house: House;
let client: OpenAI;

beforeAll(async () => {
  house = await House.build({ BLOCKED_TERMS: 'forbidden fruit', CORS_ORIGINS: 'https://listed.example' });
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'none is asked for yet' });
});
afterAll(() => house?.tearDown());

type Asked = OpenAI.Images.ImageGenerateParamsNonStreaming & Record<string, unknown>;
type Streamed = OpenAI.Images.ImageGenerateParamsStreaming & Record<string, unknown>;

const ask = (more: Partial<Asked> = {}) => client.images.generate({ prompt: 'a cat', ...more } as Asked);
const stream = (more: Partial<Streamed> = {}) =>
  client.images.generate({ prompt: 'a cat', stream: true, ...more } as Streamed);

const file = (base64: string | undefined) => Buffer.from(base64!, 'base64');

async function refusal(more: Record<string, unknown>): Promise<APIError> {
  const error = await ask(more as Partial<Asked>).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

describe('images.generate', () => {
  it('answers with the bytes and an address of the same picture, for whoever expects either', async () => {
    const { data, created, size, output_format, usage } = await ask({ seed: 1 });
    expect(data).toHaveLength(1);
    const bytes = file(data![0]!.b64_json);
    const { width, height, format } = await sharp(bytes).metadata();
    expect([`${width}x${height}`, format, output_format]).toEqual([size, 'png', 'png']);
    expect(Buffer.from(await (await fetch(data![0]!.url!)).arrayBuffer()).equals(bytes)).toBe(true);
    expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(60);
    expect(usage!.total_tokens).toBe(usage!.input_tokens);
    expect(usage!.input_tokens).toBeGreaterThan(0);
  });

  it('makes the picture that GraphQL makes of the same', async () => {
    const { generation } = await house.generate({
      ...{ prompt: 'a dog', negativePrompt: 'a cat', seed: 7, steps: 3, guidanceScale: 2.5, scheduler: 'EULER' },
      wait: 60_000,
    });
    const of = await ask({
      ...{ prompt: 'a dog', negative_prompt: 'a cat', seed: 7, steps: 3, guidance_scale: 2.5, scheduler: 'EULER' },
    });
    const known = Buffer.from(await (await fetch(generation.images[0].png)).arrayBuffer());
    expect(file(of.data![0]!.b64_json).equals(known)).toBe(true);
  });

  it('makes n of them, in the size and the format that were asked for, in the way that was', async () => {
    const { data, size } = await ask({
      n: 2,
      size: '32x16',
      output_format: 'webp',
      response_format: 'b64_json',
      seed: 3,
    });
    expect(size).toBe('32x16');
    expect(data!.map(image => [(image as { seed?: number }).seed, image.url])).toEqual([
      [3, undefined],
      [4, undefined],
    ]);
    for (const { b64_json } of data!) {
      expect(await sharp(file(b64_json)).metadata()).toMatchObject({ format: 'webp', width: 32, height: 16 });
    }
    const byUrl = await ask({ response_format: 'url', output_format: 'jpeg' });
    expect(byUrl.data![0]!.b64_json).toBeUndefined();
    const answer = await fetch(byUrl.data![0]!.url!);
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
  });

  it('names its generation, and tells back who it was for', async () => {
    const response = await ask({
      user: 'user-1',
      quality: 'auto',
      background: 'opaque',
      moderation: 'auto',
      size: 'auto',
    });
    expect(response.safety_identifier).toBe('user-1');
    const { data } = await house.ask('query ($id: ID!) { generation(id: $id) { status prompt } }', {
      id: response._request_id,
    });
    expect(data.generation).toEqual({ status: 'SUCCEEDED', prompt: 'a cat' });
  });

  it('answers the same request again with the same generation where it has an idempotency key', async () => {
    const again = () =>
      client.images.generate({ prompt: 'a bird' }, { headers: { 'Idempotency-Key': 'one of the tests' } });
    const [first, second] = [await again(), await again()];
    expect(second._request_id).toBe(first._request_id);
    const other = await client.images
      .generate({ prompt: 'a fish' }, { headers: { 'Idempotency-Key': 'one of the tests' } })
      .catch((error: unknown) => error);
    expect(other).toMatchObject({ status: 409, code: 'idempotency_conflict' });
  });
});

describe('what cannot be honoured', () => {
  it.each([
    [{ quality: 'hd' }, 'quality'],
    [{ background: 'transparent' }, 'background'],
    [{ moderation: 'low' }, 'moderation'],
    [{ style: 'vivid' }, 'style'],
    [{ output_compression: 50 }, 'output_compression'],
    [{ output_format: 'gif' }, 'output_format'],
    [{ complexity: 'high' }, 'complexity'],
    [{ frame_count: 4 }, 'frame_count'],
    [{ size: '1024' }, 'size'],
    [{ size: '4096x4096' }, 'size'],
    [{ n: 100 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ steps: 'many' }, 'steps'],
    [{ steps: 0 }, 'steps'],
    [{ seed: -1 }, 'seed'],
    [{ guidance_scale: 1000 }, 'guidance_scale'],
    [{ scheduler: 'UNKNOWN' }, 'scheduler'],
    [{ prompt: '' }, 'prompt'],
    [{ prompt: 5 }, 'prompt'],
    [{ negative_prompt: [] }, 'negative_prompt'],
    [{ partial_images: 2 }, 'partial_images'],
    [{ user: 5 }, 'user'],
    [{ count: 2 }, 'count'],
    [{ constructor: 2 }, 'constructor'],
    [{ no_such_field: true }, 'no_such_field'],
  ])('%j is an error that names it', async (more, field) => {
    const error = await refusal(more);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param: field, type: 'invalid_request_error' });
    expect(error.message).toContain(field);
  });

  it('tells of everything that is wrong at once', async () => {
    const { message } = await refusal({ quality: 'hd', style: 'vivid', n: 1 });
    expect(message).toMatch(/quality .*; style /);
  });

  it('is a model that there is not, and a prompt that is refused', async () => {
    const missing = await refusal({ model: 'gpt-image-2' });
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({ code: 'model_not_found', param: 'model' });
    const refused = await refusal({ prompt: 'a forbidden fruit' });
    expect(refused).toMatchObject({ status: 400, code: 'content_policy_violation', param: 'prompt' });
  });

  it.each([
    ['a list', '[]', 'application/json', 400],
    ['what is not JSON', '{', 'application/json', 400],
    ['what a form of any page sends', '{"prompt":"a"}', 'text/plain', 415],
    ['a body without end', `{"prompt":"${'a'.repeat(300_000)}"}`, 'application/json', 413],
  ])('is %s', async (_, body, type, status) => {
    const response = await fetch(`${house.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.objectContaining({ type: 'invalid_request_error' }) });
  });

  it('is any other address', async () => {
    const error = await client.images.edit({ prompt: 'a', image: new File(['a'], 'a.png') }).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 404, type: 'invalid_request_error' });
  });
});

describe('with stream', () => {
  it('sends each picture when it is there', async () => {
    const seeds: unknown[] = [];
    for await (const event of await stream({ n: 2, seed: 20, output_format: 'webp' })) {
      expect(event.type).toBe('image_generation.completed');
      expect(await sharp(file(event.b64_json)).metadata()).toMatchObject({ format: 'webp' });
      seeds.push((event as { seed?: number }).seed);
    }
    expect(seeds).toEqual([20, 21]);
  });

  it('refuses before it begins', async () => {
    await expect(stream({ response_format: 'url' })).rejects.toMatchObject({ status: 400, param: 'response_format' });
    await expect(stream({ partial_images: 4 })).rejects.toMatchObject({ status: 400, param: 'partial_images' });
  });
});

describe('with stream, of a checkpoint that shows what it makes', () => {
  let shipped: House;
  beforeAll(async () => {
    shipped = await House.shipped();
  });
  afterAll(() => shipped?.tearDown());

  const asked = { prompt: 'a red apple on a blue background', seed: 11 };
  const generate = (more: Partial<Asked> | Partial<Streamed>) =>
    new OpenAI({ baseURL: `${shipped.url}/v1`, apiKey: 'k' }).images.generate({ ...asked, ...more } as Streamed);
  const newestStatus = async (): Promise<string> => {
    const { data } = await shipped.ask('{ generations(first: 1) { edges { node { status } } } }');
    return data.generations.edges[0].node.status;
  };

  it('sends pictures on their way and then the picture', async () => {
    const events = [];
    const steps = { steps: 40 };
    for await (const event of await generate({ ...steps, stream: true, partial_images: 2 })) events.push(event);
    const last = events.at(-1)!;
    expect(last.type).toBe('image_generation.completed');
    expect(events.length).toBeGreaterThan(1);
    for (const [index, event] of events.slice(0, -1).entries()) {
      expect(event).toMatchObject({ type: 'image_generation.partial_image', partial_image_index: index });
      expect(event.b64_json).not.toBe(last.b64_json);
    }
    for (const event of events) {
      const { width, height, format } = await sharp(file(event.b64_json)).metadata();
      expect([`${width}x${height}`, format, event.size]).toEqual(['128x128', 'png', '128x128']);
    }
    const plain = (await generate({ ...steps, stream: false })) as unknown as OpenAI.Images.ImagesResponse;
    expect(last.b64_json).toBe(plain.data![0]!.b64_json);
  });

  it('stops what nobody waits for any more when the client hangs up', async () => {
    for await (const event of await generate({ stream: true, steps: 999, partial_images: 3, n: 4 })) {
      expect(event.type).toBe('image_generation.partial_image');
      break;
    }
    await expect.poll(newestStatus, { timeout: 20_000 }).toBe('CANCELLED');
  });

  it('does so without a stream too', async () => {
    const leaving = new AbortController();
    const asking = new OpenAI({ baseURL: `${shipped.url}/v1`, apiKey: 'k' }).images.generate(
      { ...asked, seed: 12, steps: 999, n: 8 } as Asked,
      { signal: leaving.signal },
    );
    const left = expect(asking).rejects.toThrow('aborted');
    await expect.poll(newestStatus, { timeout: 10_000 }).toBe('DENOISING');
    leaving.abort();
    await left;
    await expect.poll(newestStatus, { timeout: 25_000 }).toBe('CANCELLED');
  });

  it('ends with an error that says that it was stopped', async () => {
    const events = await generate({ stream: true, steps: 999, partial_images: 3, n: 4 });
    const ending = (async () => {
      for await (const _ of events) {
        const { data } = await shipped.ask('{ generations(first: 1) { edges { node { id } } } }');
        const { id } = data.generations.edges[0].node;
        await shipped.ask('mutation ($id: ID!) { cancelGeneration(id: $id) { __typename } }', { id });
      }
    })();
    await expect(ending).rejects.toMatchObject({ code: 'cancelled', type: 'invalid_request_error' });
  });
});

describe('models', () => {
  it('are the checkpoints', async () => {
    const [model] = (await client.models.list()).data;
    expect(model).toMatchObject({ object: 'model', owned_by: 'darkroom' });
    expect(await client.models.retrieve(model!.id)).toEqual(expect.objectContaining({ id: model!.id }));
    expect((await ask({ model: model!.id })).data).toHaveLength(1);
    await expect(client.models.retrieve('no such')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('pages of other origins', () => {
  const post = (origin: string) =>
    fetch(`${house.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: '{"prompt":"a"}',
    });

  it('are refused, but for those that are listed', async () => {
    const foreign = await post('https://foreign.example');
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toEqual({
      error: {
        message: expect.stringContaining('CORS_ORIGINS'),
        type: 'permission_error',
        param: null,
        code: 'forbidden',
      },
    });
    const listed = await post('https://listed.example');
    expect(listed.status).toBe(200);
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://listed.example');
  });

  it('may send what the client sends, where they are listed', async () => {
    const sent = new Headers();
    const inPage = new OpenAI({
      ...{ baseURL: 'http://nobody.invalid/v1', apiKey: 'k', dangerouslyAllowBrowser: true, maxRetries: 0 },
      fetch: async (_, init) => {
        for (const name of new Headers(init!.headers as HeadersInit).keys()) sent.set(name, '');
        return Response.json({});
      },
    });
    await inPage.images.generate({ prompt: 'a' });
    const answer = await fetch(`${house.url}/v1/images/generations`, {
      method: 'OPTIONS',
      headers: { origin: 'https://listed.example', 'access-control-request-method': 'POST' },
    });
    const allowed = answer.headers.get('access-control-allow-headers')!.toLowerCase().split(', ');
    // What a browser sets itself no page need be allowed.
    expect([...sent.keys()].filter(name => !allowed.includes(name))).toEqual([]);
  });
});
