/** Everything the backend does not serve: each a typed answer of the right status, and none costs it anything. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeMessage } from '../../wire/frames.ts';
import { Signer, signatureHeaders } from '../../wire/signature.ts';
import { type PretendBackend, secret, startPretendBackend } from './pretend-backend.ts';
import { pretendPlan } from './pretend-card.ts';

let backend: PretendBackend;
beforeAll(async () => {
  backend = await startPretendBackend({}, { headers: 400, bodyIdle: 300 });
  await backend.loaded;
});
afterAll(() => backend.stop());

const plan = encodeMessage(pretendPlan());
const json = { 'content-type': 'application/json' };

/** POSTs a body to /v1/run, signed unless `headers` say otherwise. */
async function post(body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const signed = await backend.sign('POST', '/v1/run', body);
  const response = await fetch(`${backend.url}/v1/run`, { method: 'POST', body, headers: { ...signed, ...headers } });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

describe('signatures', () => {
  const routes: [string, string][] = [
    ['POST', '/v1/run'],
    ['GET', '/v1/checkpoints'],
    ['GET', `/v1/checkpoints/${'c'.repeat(64)}`],
    ['GET', `/v1/checkpoints/${'c'.repeat(64)}/vae/config.json`],
  ];
  it.each(routes)('%s %s needs one', async (method, path) => {
    const response = await fetch(`${backend.url}${path}`, { method, ...(method === 'POST' && { body: plan }) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Darkroom-HMAC-SHA256');
    expect(await response.json()).toEqual({
      code: 'unauthorized',
      message: 'the request is not signed',
      retryable: false,
    });
  });

  it('is refused when it is by another secret', async () => {
    const { bootId } = await backend.client.ready();
    const signer = new Signer('another secret that is just as long as it must be');
    const headers = await signer.sign({ method: 'POST', path: '/v1/run', body: plan, bootId });
    expect(await post(plan, headers)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  it('is refused when it is for another path, method, body or length', async () => {
    const other = await backend.sign('GET', '/v1/checkpoints');
    expect(await post(plan, other)).toMatchObject({ status: 401 });
    const shorter = await backend.sign('POST', '/v1/run', plan.slice(1));
    expect(await post(plan, shorter)).toMatchObject({ status: 401, body: { message: 'the signature is wrong' } });
  });

  it('is refused when the body has another digest', async () => {
    const altered = plan.slice();
    altered[altered.length - 1]! ^= 1;
    const headers = await backend.sign('POST', '/v1/run', plan);
    const before = await backend.metric('darkroom_refused_requests_total{reason="digest"}');
    expect(await post(altered, headers)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await backend.metric('darkroom_refused_requests_total{reason="digest"}')).toBe(before + 1);
  });

  it('is refused when it is stale', async () => {
    const { bootId } = await backend.client.ready();
    const headers = await backend.sign('POST', '/v1/run', plan);
    const time = Date.now() - 61_000;
    const signature = await new Signer(secret).signature({
      method: 'POST',
      path: '/v1/run',
      bodyBytes: plan.byteLength,
      bodyDigest: headers[signatureHeaders.digest]!,
      nonce: headers[signatureHeaders.nonce]!,
      bootId,
      time,
    });
    const stale = { ...headers, [signatureHeaders.time]: String(time), [signatureHeaders.signature]: signature };
    expect(await post(plan, stale)).toMatchObject({ status: 401, body: { message: expect.stringContaining('60 s') } });
  });

  it('is refused the second time', async () => {
    const headers = await backend.sign('GET', '/v1/checkpoints');
    const once = await fetch(`${backend.url}/v1/checkpoints`, { headers });
    expect(once.status).toBe(200);
    expect(await once.json()).toMatchObject([{ name: 'pretence', digest: 'c'.repeat(64) }]);
    const again = await fetch(`${backend.url}/v1/checkpoints`, { headers });
    expect(again.status).toBe(401);
    expect(await again.json()).toMatchObject({ message: 'the request was seen before' });
  });

  it('is refused for another life of the backend, and the client signs anew', async () => {
    const signer = new Signer(secret);
    const headers = await signer.sign({ method: 'GET', path: '/v1/checkpoints', body: new Uint8Array(0), bootId: 'x' });
    const response = await fetch(`${backend.url}/v1/checkpoints`, { headers });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'boot_changed', retryable: true });
  });
});

describe('requests', () => {
  it.each([
    ['POST', '/health', 405],
    ['DELETE', '/ready', 405],
    ['HEAD', '/metrics', 405],
    ['GET', '/v1/run', 405],
    ['POST', '/v1/checkpoints', 405],
    ['GET', '/', 404],
    ['GET', '/v1/checkpoints/../../etc/passwd', 404],
    ['GET', '/v1/checkpoints/C0FFEE', 404],
    ['GET', '/constructor', 404],
  ])('%s %s is answered %i', async (method, path, status) => {
    const response = await fetch(`${backend.url}${path}`, { method });
    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.get('allow')).toMatch(/^(GET|POST)$/);
    const text = await response.text();
    if (method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ retryable: false, message: expect.any(String) });
    expect(text).not.toMatch(/\.ts|at /);
  });

  it('without a length are answered 411', async () => {
    const answer = await backend.raw(
      'POST /v1/run HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      {
        end: true,
      },
    );
    expect(statusOf(answer)).toBe(411);
    expect(answer).toContain('"code":"length_required"');
  });

  it('of too many bytes are answered 413 before one of them is sent', async () => {
    const answer = await backend.raw('POST /v1/run HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000000\r\n\r\n');
    expect(statusOf(answer)).toBe(413);
    expect(answer).toContain('"code":"too_large"');
    const signed = await fetch(`${backend.url}/v1/run`, { method: 'POST', body: new Uint8Array(70 * 1024 * 1024) });
    expect(signed.status).toBe(413);
  });

  it('with a signature for another body are refused before their body is read', async () => {
    const memory = process.memoryUsage().arrayBuffers;
    const headers = Object.entries(await backend.sign('POST', '/v1/run', plan)).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const head = ['POST /v1/run HTTP/1.1', 'host: x', 'content-length: 60000000', 'expect: 100-continue', ...headers];
    const answer = await backend.raw(`${head.join('\r\n')}\r\n\r\n`);
    expect(statusOf(answer)).toBe(401);
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(30_000_000);
  });

  it('are asked for their body only when it is wanted', async () => {
    const headers = { ...(await backend.sign('POST', '/v1/run', plan)), expect: '100-continue' };
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const sending = httpRequest(`${backend.url}/v1/run`, {
        method: 'POST',
        headers: { ...headers, 'content-length': plan.byteLength },
      });
      sending.on('continue', () => {
        seen.push('continue');
        sending.end(plan);
      });
      sending.on('response', response => {
        seen.push(String(response.statusCode));
        response.resume().on('end', resolve);
      });
      sending.on('error', reject).flushHeaders();
    });
    expect(seen).toEqual(['continue', '200']);
  });

  it.each([
    ['garbage', 'hello\r\n\r\n', 400],
    ['two lengths', 'POST /v1/run HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    ['a negative length', 'POST /v1/run HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n', 400],
    [
      'a length and chunks',
      'POST /v1/run HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
    ],
    ['a huge header', `GET /health HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 413],
  ])('that are not HTTP (%s) are answered', async (_, text, status) => {
    const answer = await backend.raw(text);
    expect(statusOf(answer)).toBe(status);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ message: expect.any(String) });
  });
});

describe('slow senders', () => {
  it('of a header are answered 408', async () => {
    const began = performance.now();
    const answer = await backend.raw('GET /health HTTP/1.1\r\nx: ');
    expect(statusOf(answer)).toBe(408);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('of a body are answered 408, and give their place in the queue back', async () => {
    const headers = Object.entries(await backend.sign('POST', '/v1/run', plan)).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const head = ['POST /v1/run HTTP/1.1', 'host: x', `content-length: ${plan.byteLength}`, ...headers].join('\r\n');
    const began = performance.now();
    const answer = backend.raw(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), plan.subarray(0, 20)]));
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(await backend.client.health()).toMatchObject({ running: 0, queued: 1 });
    expect(statusOf(await answer)).toBe(408);
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await backend.client.health()).toMatchObject({ running: 0, queued: 0 });
  });
});

describe('plans', () => {
  const message = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    const body = new Uint8Array(8 + bytes.byteLength);
    new DataView(body.buffer).setUint32(0, bytes.byteLength, true);
    body.set(bytes, 8);
    return body;
  };

  it.each([
    ['an empty body', new Uint8Array(0), 400, 'malformed'],
    ['text, whose first letters are a huge length', new TextEncoder().encode('{"version":1}'), 413, 'too_large'],
    ['broken JSON', message('{'), 400, 'malformed'],
    ['lengths that do not add up', plan.slice(0, -1), 400, 'malformed'],
    ['too much JSON', message(`"${'x'.repeat(300_000)}"`), 413, 'too_large'],
    ['deep JSON', message('['.repeat(100_000) + ']'.repeat(100_000)), 400, 'plan_invalid'],
    ['something else', encodeMessage({ hello: 'world' }), 400, 'plan_invalid'],
    ['a prototype', message('{"__proto__":{"version":1}}'), 400, 'plan_invalid'],
    ['100,000 steps', encodeMessage(pretendPlan({ steps: 100_000 })), 400, 'plan_invalid'],
    ['more than the checkpoint takes', encodeMessage(pretendPlan({ width: 512 })), 400, 'plan_invalid'],
    [
      'an unknown checkpoint',
      encodeMessage(pretendPlan({}, { checkpoint: 'd'.repeat(64) })),
      404,
      'checkpoint_unknown',
    ],
  ])('are refused: %s', async (_, body, status, code) => {
    const answer = await post(body as Uint8Array<ArrayBuffer>, json);
    expect(answer).toMatchObject({ status, body: { code, retryable: false } });
  });
});

it('has told of every refusal and of no fault of its own', async () => {
  expect(await backend.metric('darkroom_refused_requests_total{reason="internal"}')).toBe(0);
  expect(await backend.metric('darkroom_refused_requests_total{reason="replayed"}')).toBe(1);
  expect(backend.events.filter(event => event.level === 'error')).toEqual([]);
  expect(JSON.stringify(backend.events)).not.toContain(secret);
});
