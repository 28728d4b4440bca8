/** Webhooks as they are called under `npm start`: from workerd, through the network that is bound there. */
import { createHmac } from 'node:crypto';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebhookAttempt } from '../../schema/context.ts';
import { closed } from '../../scripts/edge/closed.ts';
import { endWithUs, workerds } from '../../scripts/edge/orphans.ts';
import { webhookService } from '../../scripts/edge/webhook-service.ts';
import { publicNetwork } from '../../worker/webhooks/public-network.ts';
import { edgeModules } from './edge-modules.ts';
import { WebhookReceiver } from './webhook-receiver.ts';
import type { DeliveryOrder } from './webhook-worker.ts';

const name = 'webhooks';
const entry = 'test/edge/webhook-worker.ts';
const key = Buffer.from('k'.repeat(24));
const secret = `whsec_${key.toString('base64')}`;
const notConnected = 'no connection: the host is unknown or not public, or its certificate is not valid';

let receiver: WebhookReceiver;
let miniflare: Miniflare;
let url: string;
let letGo = () => {};
const log: string[] = [];

beforeAll(async () => {
  receiver = await WebhookReceiver.listen();
  const others = await workerds();
  miniflare = new Miniflare({
    ...closed,
    handleStructuredLogs: entry => log.push(entry.message),
    workers: [
      {
        config: {
          name,
          compatibilityDate: '2026-10-30',
          compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
          manifest: { mainModule: entry, modules: await edgeModules(entry) },
          env: { GUARDED: webhookService(false), OPEN: webhookService(true) },
        },
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
      },
    ],
  });
  await miniflare.ready;
  letGo = endWithUs((await workerds()).filter(pid => !others.includes(pid)));
  url = String(await miniflare.unsafeGetDirectURL(name));
});
beforeEach(() => {
  receiver.calls.length = 0;
});
afterAll(async () => {
  letGo();
  await miniflare?.dispose();
  await receiver?.close();
});

async function deliver(order: Pick<DeliveryOrder, 'url' | 'through'> & Partial<DeliveryOrder>) {
  const request = { body: '{"name":"Häkchen"}', secret, timeoutMs: 5_000, ...order };
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
  return (await response.json()) as WebhookAttempt;
}

describe('the network that webhooks are called through', () => {
  const hosts = ['127.0.0.1', '0.0.0.0', 'localhost', '[::ffff:127.0.0.1]'];

  it.each(hosts)('does not lead to %s unless private addresses are allowed', async host => {
    const target = `http://${host}:${receiver.port}/ok`;
    expect(await deliver({ url: target, through: 'GUARDED' })).toMatchObject({ status: null, error: notConnected });
    expect(receiver.calls).toEqual([]);
    // Not because nothing listens there: without the guard it answers.
    expect(await deliver({ url: target, through: null })).toMatchObject({ status: 200, error: null });
    expect(await deliver({ url: target, through: 'OPEN' })).toMatchObject({ status: 200, error: null });
    expect(receiver.calls).toHaveLength(2);
  });

  it('leads into none of the ranges that are not public', async () => {
    const hosts = publicNetwork.deny.flatMap(ends);
    expect(hosts.length).toBeGreaterThan(50);
    const attempts = hosts.map(host => deliver({ url: `http://${host}:9/`, through: 'GUARDED' }));
    for (const attempt of await Promise.all(attempts)) expect(attempt.error).toBe(notConnected);
    // Not because nobody answered there: nobody was asked.
    const refusal = (host: string) => `connecting to ${host.replace(/[[\]]/g, '')}:9 is not allowed`;
    await vi.waitFor(() => {
      expect(hosts.filter(host => !log.some(message => message.includes(refusal(host))))).toEqual([]);
    }, 2_000);
  });

  it('delivers what the receiver can check, with its headers as they were sent', async () => {
    expect(await deliver({ url: `http://localhost:${receiver.port}/created`, through: 'OPEN' })).toMatchObject({
      status: 201,
      error: null,
    });
    const [call] = receiver.calls;
    expect(call).toMatchObject({ method: 'POST', path: '/created', body: '{"name":"Häkchen"}' });
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = call!.headers;
    expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(60);
    expect(signature).toBe(
      `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${call!.body}`).digest('base64')}`,
    );
    expect(Object.keys(call!.headers).sort()).toEqual([
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'webhook-id',
      'webhook-signature',
      'webhook-timestamp',
    ]);
  });

  it.each([
    ['/moved', 302, 'redirected, which is not followed'],
    ['/endless', 200, null],
    ['/hangs', null, 'no answer within 0.2 s'],
    ['/hangs-up', null, 'the connection was refused, or lost before an answer came'],
  ])('%s: %s, %s', async (path, status, error) => {
    const target = `http://localhost:${receiver.port}${path}`;
    const timeoutMs = path === '/hangs' ? 200 : 5_000;
    expect(await deliver({ url: target, through: 'OPEN', timeoutMs })).toMatchObject({ status, error });
    expect(receiver.calls.map(call => call.path)).toEqual([path]);
  });
});

/** The first and the last address of a range of IPv4, the first of one of IPv6, as a URL has them. */
function ends(range: string): string[] {
  const [base = '', prefix] = range.split('/');
  if (!base.includes(':')) {
    const first = Buffer.from(base.split('.').map(Number)).readUInt32BE();
    return [first, first + 2 ** (32 - Number(prefix)) - 1].map(value => new URL(`http://${value}`).hostname);
  }
  return [new URL(`http://[${base}]`).hostname];
}
