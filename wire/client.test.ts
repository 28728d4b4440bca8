import { describe, expect, it } from 'vitest';
import { BackendClient, type Frame } from './client.ts';
import { encodeMessage } from './frames.ts';
import type { Plan } from './plan.ts';

const secret = 'a secret that is long enough to be one';
const plan: Plan = { version: 1, checkpoint: 'a'.repeat(64), stages: [{ stage: 'DECODE' }], returns: [] };
const ready = (bootId = 'boot-1') => Response.json({ bootId, backend: {}, checkpoints: [] });
const step = encodeMessage({ kind: 'step', step: 1, steps: 2 });
const done = encodeMessage({ kind: 'done' });

/** A client of a backend that answers as told. */
function clientOf(answer: (path: string, request: Request) => Response | Promise<Response>): BackendClient {
  const fake: typeof fetch = async (input, init) => {
    const request = new Request(input as string, init);
    const { pathname } = new URL(request.url);
    return pathname === '/gpu/ready' ? ready() : answer(pathname, request);
  };
  return new BackendClient({ url: 'http://backend.test/gpu/', secret, fetch: fake });
}

function stream(...parts: Uint8Array<ArrayBuffer>[]): Response {
  return new Response(new Blob(parts));
}

async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

describe('BackendClient', () => {
  it('yields frames until the job is done', async () => {
    const client = clientOf(() => stream(step, done));
    expect((await collect(client.run(plan))).map(({ header }) => header)).toEqual([
      { kind: 'step', step: 1, steps: 2 },
    ]);
  });

  it('passes on that a job waits', async () => {
    const client = clientOf(() => stream(encodeMessage({ kind: 'queued', position: 3 }), step, done));
    const headers = (await collect(client.run(plan))).map(({ header }) => header);
    expect(headers[0]).toEqual({ kind: 'queued', position: 3 });
    expect(headers).toHaveLength(2);
  });

  it('throws what failed', async () => {
    const failed = { kind: 'failed', stage: 'DECODE', code: 'model_failed', message: 'NaN', retryable: false };
    await expect(collect(clientOf(() => stream(encodeMessage(failed))).run(plan))).rejects.toMatchObject({
      name: 'BackendError',
      code: 'model_failed',
      stage: 'DECODE',
    });
  });

  it.each([
    ['ends before the job', stream(step)],
    ['ends inside a frame', stream(step, step.slice(0, 11))],
    ['is no stream of frames', new Response('<html>hello</html>')],
    ['has no body', new Response(null)],
  ])('calls a backend lost whose answer %s', async (_, response) => {
    await expect(collect(clientOf(() => response).run(plan))).rejects.toMatchObject({ name: 'BackendUnreachable' });
  });

  it('calls a backend lost that cannot be reached, and one that says something else than JSON', async () => {
    const lost = clientOf(() => Promise.reject(new TypeError('Network connection lost.')));
    await expect(collect(lost.run(plan))).rejects.toMatchObject({ name: 'BackendUnreachable' });
    await expect(lost.card('a'.repeat(64))).rejects.toMatchObject({ name: 'BackendUnreachable' });
    const odd = clientOf(() => new Response('<html>'));
    await expect(odd.card('a'.repeat(64))).rejects.toMatchObject({ name: 'BackendUnreachable' });
  });

  it('makes do with the status of what a proxy answers', async () => {
    const proxy = (status: number) => clientOf(() => new Response('<html>', { status })).card('a'.repeat(64));
    await expect(proxy(502)).rejects.toMatchObject({ name: 'BackendError', code: 'internal', retryable: true });
    await expect(proxy(403)).rejects.toMatchObject({ code: 'internal', retryable: false });
    await expect(proxy(302)).rejects.toMatchObject({ code: 'internal', retryable: false });
  });

  it('signs the path behind the prefix, once more after a restart, and not for ever', async () => {
    let calls = 0;
    const refusal = { code: 'boot_changed', message: 'restarted', retryable: true };
    const client = clientOf(path => {
      expect(path).toBe('/gpu/v1/run');
      return ++calls === 1 ? Response.json(refusal, { status: 409 }) : stream(done);
    });
    await collect(client.run(plan));
    expect(calls).toBe(2);
    const stubborn = clientOf(() => Response.json(refusal, { status: 409 }));
    await expect(collect(stubborn.run(plan))).rejects.toMatchObject({ code: 'boot_changed' });
  });

  it('lets the caller’s own abort be what it is', async () => {
    const enough = new AbortController();
    const client = clientOf((_, request) => {
      enough.abort(new Error('enough'));
      return Promise.reject(request.signal.reason);
    });
    await expect(collect(client.run(plan, {}, enough.signal))).rejects.toThrow('enough');
  });

  it('hangs up when nobody wants more', async () => {
    let signal: AbortSignal | undefined;
    const client = clientOf((_, request) => {
      signal = request.signal;
      return stream(step, step, done);
    });
    for await (const _ of client.run(plan)) break;
    expect(signal?.aborted).toBe(true);
  });
});
