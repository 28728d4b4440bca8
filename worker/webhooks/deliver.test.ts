import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebhookReceiver } from '../../test/edge/webhook-receiver.ts';
import { ConfigurationError } from '../configuration.ts';
import { deliver, isFinal } from './deliver.ts';
import { addressIssue } from './webhook-address.ts';

const key = Buffer.from('k'.repeat(32));
const secret = `whsec_${key.toString('base64')}`;
const time = Date.parse('2026-11-28T12:00:00.999Z');
const body = '{"type":"generation.succeeded","data":{"name":"Häkchen"}}';

let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await WebhookReceiver.listen();
});
beforeEach(() => {
  receiver.calls.length = 0;
});
afterAll(() => receiver.close());

function deliverTo(path: string, port = receiver.port) {
  const url = `http://127.0.0.1:${port}${path}`;
  expect(addressIssue(url, { allowPrivate: true })).toBeNull();
  return deliver({ url, id: 'event-1', body, secret, fetch, now: () => time, timeoutMs: 300 });
}

describe('deliver', () => {
  it('POSTs what a receiver can check', async () => {
    expect(await deliverTo('/ok')).toEqual({ at: '2026-11-28T12:00:00.999Z', status: 200, error: null });
    expect(receiver.calls).toHaveLength(1);
    const [call] = receiver.calls;
    expect(call).toMatchObject({ method: 'POST', path: '/ok', body });
    expect(call!.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'webhook-id': 'event-1',
      'webhook-timestamp': String(Date.parse('2026-11-28T12:00:00Z') / 1_000),
    });
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = call!.headers;
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${call!.body}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
  });

  it.each([
    ['/ok', 200, null, true],
    ['/created', 201, null, true],
    ['/nothing', 204, null, true],
    ['/moved', 302, 'redirected, which is not followed', false],
    ['/moved-for-good', 308, 'redirected, which is not followed', false],
    ['/missing', 404, 'answered 404: expected 2xx', false],
    ['/gone', 410, 'answered 410 Gone: it is not called again', true],
    ['/broken', 500, 'answered 500: expected 2xx', false],
  ])('%s, answered %i: %s', async (path, status, error, final) => {
    const attempt = await deliverTo(path);
    expect(attempt).toMatchObject({ status, error });
    expect(isFinal(attempt)).toBe(final);
    expect(receiver.calls.map(call => call.path)).toEqual([path]);
  });

  it('waits no longer than it may', async () => {
    const begin = performance.now();
    const attempt = await deliverTo('/hangs');
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(attempt).toMatchObject({ status: null, error: 'no answer within 0.3 s' });
    expect(isFinal(attempt)).toBe(false);
  });

  it('does not listen to an answer that has no end', async () => {
    const other = await WebhookReceiver.listen();
    expect(await deliverTo('/endless', other.port)).toMatchObject({ status: 200, error: null });
    await vi.waitFor(async () => expect(await other.connections()).toBe(0), 2_000);
    await other.close();
  });

  it('tells of a connection that fails without telling where to, or how this server is built', async () => {
    const closed = await WebhookReceiver.listen();
    await closed.close();
    for (const attempt of [await deliverTo('/hangs-up'), await deliverTo('/ok', closed.port)]) {
      expect(attempt.status).toBeNull();
      expect(attempt.error).toMatch(/^[a-z ,:]+$/);
      expect(isFinal(attempt)).toBe(false);
    }
  });

  it('throws what is the deployer’s fault', async () => {
    const attempt = deliver({ url: 'https://example.org', id: 'x', body, secret: 'short', fetch, now: () => time });
    await expect(attempt).rejects.toThrow(ConfigurationError);
  });
});
