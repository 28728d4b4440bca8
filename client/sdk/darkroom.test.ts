import { afterEach, describe, expect, it } from 'vitest';
import { Darkroom, type DarkroomError } from './index.ts';
import { events, json, type Loopback, loopback } from './testing/loopback.ts';

let server: Loopback;
afterEach(() => server?.close());

const at = (status: string, step = 0) => ({ id: 'g', status, progress: { step }, failure: null });
const accepted = { data: { generate: { __typename: 'GenerateSuccess', replayed: false, generation: at('QUEUED') } } };
const refusedFor = (code: string, retryAfterMs: number) => ({
  data: { generate: { __typename: 'RetryLaterError', code, message: 'later', retryAfterMs } },
});
const open = (options = {}) => new Darkroom({ url: server.url, ...options });
const error = (promise: PromiseLike<unknown>): Promise<DarkroomError> =>
  Promise.resolve(promise).then(
    () => Promise.reject(new Error('it succeeded')),
    (reason: DarkroomError) => reason,
  );

describe('an accepted request', () => {
  it('that nobody learned of is sent again under the same key', async () => {
    server = await loopback((response, i) => {
      if (i === 0) response.destroy();
      else if (i === 1) json(response, accepted);
      else events(response, at('SUCCEEDED'));
    });
    await open().generate({ prompt: 'a' });
    const [first, second] = server.asked.map(({ variables }) => variables.input as { idempotencyKey: string });
    expect(second).toEqual(first);
    expect(first!.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps the key that it was given, and draws one for null', async () => {
    server = await loopback(response => json(response, refusedFor('QUEUE_FULL', 1)));
    await error(open({ patienceMs: 0 }).generate({ prompt: 'a', idempotencyKey: 'mine' }));
    await error(open({ patienceMs: 0 }).generate({ prompt: 'a', idempotencyKey: null }));
    const keys = server.asked.map(({ variables }) => (variables.input as { idempotencyKey: string }).idempotencyKey);
    expect(keys).toEqual(['mine', expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

describe('a refusal for now', () => {
  it('is waited out as long as the server says', async () => {
    server = await loopback((response, i) => {
      if (i < 2) json(response, refusedFor('QUEUE_FULL', 150));
      else if (i === 2) json(response, accepted);
      else events(response, at('SUCCEEDED'));
    });
    const begun = performance.now();
    await open().generate({ prompt: 'a' });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
    expect(server.asked).toHaveLength(4);
  });

  it('that is longer than patience is thrown at once', async () => {
    server = await loopback(response => json(response, refusedFor('BACKEND_UNAVAILABLE', 5000)));
    expect(await error(open({ patienceMs: 1000 }).generate({ prompt: 'a' }))).toMatchObject({
      kind: 'retry-later',
      code: 'BACKEND_UNAVAILABLE',
      retryAfterMs: 5000,
    });
    expect(server.asked).toHaveLength(1);
  });

  it('ends when the caller has enough', async () => {
    server = await loopback(response => json(response, refusedFor('QUEUE_FULL', 30_000)));
    const signal = AbortSignal.timeout(100);
    await expect(open().generate({ prompt: 'a' }, { signal }).accepted).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('following', () => {
  it('goes on after a cut stream, without missing the end', async () => {
    server = await loopback((response, i, { accept }) => {
      if (i === 0) json(response, accepted);
      else if (accept === 'text/event-stream') {
        events(response, at('DENOISING', i));
        response.destroy();
      } else json(response, { data: { generation: at(i < 5 ? 'DENOISING' : 'SUCCEEDED', i) } });
    });
    const steps: number[] = [];
    for await (const { progress } of open().generate({ prompt: 'a' })) steps.push(progress.step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.length).toBeGreaterThan(2);
  });

  it('ends with an error when the generation is deleted meanwhile', async () => {
    server = await loopback((response, i) => {
      if (i === 0) json(response, accepted);
      else {
        events(response, null);
        response.end('event: complete\ndata:\n\n');
      }
    });
    expect(await error(open().generate({ prompt: 'a' }))).toMatchObject({ kind: 'cancelled', generation: null });
  });

  it('ends with an error when the server stays away, for those who come later, too', async () => {
    server = await loopback((response, i) => (i === 0 ? json(response, accepted) : response.destroy()));
    const handle = open({ patienceMs: 300 }).generate({ prompt: 'a' });
    expect(await error(handle)).toMatchObject({ kind: 'connection' });
    expect(await error(handle)).toMatchObject({ kind: 'connection' });
    await expect(
      handle[Symbol.asyncIterator]()
        .next()
        .then(() => handle.result()),
    ).resolves.toMatchObject({ ok: false });
  });

  it('carries the failure of a generation that failed', async () => {
    const failure = { code: 'MODEL_FAILED', message: 'NaN in the latent', stage: 'DENOISE', retryable: false };
    server = await loopback((response, i) => {
      if (i === 0) json(response, accepted);
      else events(response, { ...at('FAILED'), failure });
    });
    expect(await open().generate({ prompt: 'a' }).result()).toMatchObject({
      ok: false,
      error: { kind: 'failed', ...failure, generation: { status: 'FAILED' } },
    });
  });

  it('stops when nobody reads any more, and begins anew for who comes later', async () => {
    let open_ = 0;
    server = await loopback((response, i, { accept }) => {
      if (i === 0) json(response, accepted);
      else if (accept === 'text/event-stream') {
        open_++;
        response.on('close', () => open_--);
        events(response, at('DENOISING', i), ...(i > 1 ? [at('SUCCEEDED', i)] : []));
      }
    });
    const handle = open().generate({ prompt: 'a' });
    for await (const { status } of handle) if (status === 'DENOISING') break;
    await expect.poll(() => open_).toBe(0);
    expect(await handle).toMatchObject({ status: 'SUCCEEDED' });
    expect(server.asked).toHaveLength(3);
  });
});

describe('whoever answers', () => {
  it.each([
    ['a page of a proxy', 404, '<html>nope</html>'],
    ['nothing', 200, ''],
    ['JSON of something else', 200, '{"status":"ok"}'],
    ['a list', 200, '[]'],
  ])('with %s is no Darkroom', async (_, status, body) => {
    server = await loopback(response => void response.writeHead(status).end(body));
    expect(await error(open().checkpoints())).toMatchObject({ kind: 'protocol', status, code: null });
    expect(server.asked).toHaveLength(1);
  });

  it('502 is asked again, as what is behind it may come back', async () => {
    server = await loopback((response, i) => {
      if (i === 0) response.writeHead(502).end('Bad Gateway');
      else json(response, { data: { checkpoints: [] } });
    });
    expect(await open().checkpoints()).toEqual([]);
  });

  it('too late was not reached', async () => {
    server = await loopback(() => {});
    expect(await error(open({ timeoutMs: 50, patienceMs: 0 }).checkpoints())).toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('in time'),
    });
  });

  it('to a deletion that may have happened is not asked again', async () => {
    server = await loopback(response => void response.destroy());
    expect(await error(open().deleteGeneration('g'))).toMatchObject({ kind: 'connection' });
    expect(server.asked).toHaveLength(1);
  });

  it('with an error that this version does not know is understood all the same', async () => {
    const generate = { __typename: 'SomethingNewError', code: 'FORBIDDEN', message: 'not you' };
    server = await loopback(response => json(response, { data: { generate } }));
    expect(await error(open().generate({ prompt: 'a' }))).toMatchObject({ kind: 'request', code: 'FORBIDDEN' });
  });
});

it.each(['', 'darkroom', 'localhost:8787/x y'])('%j is no address', url => {
  expect(() => new Darkroom({ url })).toThrow(TypeError);
});

it.each([
  ['http://h:1', 'http://h:1/graphql'],
  ['http://h:1/', 'http://h:1/graphql'],
  ['http://h:1/graphql', 'http://h:1/graphql'],
  ['http://h:1/under/', 'http://h:1/under/graphql'],
])('%s is asked at %s', async (url, endpoint) => {
  let asked = '';
  const fetch = async (input: RequestInfo | URL) => {
    asked = String(input);
    return Response.json({ data: { checkpoints: [] } });
  };
  await new Darkroom({ url, fetch }).checkpoints();
  expect(asked).toBe(endpoint);
});
