import { describe, expect, it, vi } from 'vitest';
import type { GenerationState, WebhookAttempt } from '../../schema/context.ts';
import { deliverOnce, nextDeliveryAfter } from './deliveries.ts';
import type { Job } from './job.ts';
import { queued, succeeded } from './progress.ts';

const job = { parameters: { steps: 1, count: 1 } } as Job;
const ended = succeeded(queued('a'.repeat(32), job, 'now'), '2026-03-01T00:00:00.000Z');
const attempt = (status: number | null, error: string | null): WebhookAttempt => ({ at: 'then', status, error });
const broken = attempt(500, 'answered 500');

describe('nextDeliveryAfter', () => {
  it('is at once, then ever later, and at last never', () => {
    const delays = Array.from({ length: 12 }, (_, count) => nextDeliveryAfter(Array(count).fill(broken)));
    expect(delays[0]).toBe(0);
    const numbers = delays.filter(delay => delay !== null);
    expect([numbers.length, delays.at(-1)]).toEqual([11, null]);
    const hours = numbers.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
    expect([hours > 20, hours < 30]).toEqual([true, true]);
  });

  it('is never after a delivery, or after a receiver that wants no more', () => {
    expect(nextDeliveryAfter([broken, attempt(200, null)])).toBeNull();
    expect(nextDeliveryAfter([attempt(410, 'gone')])).toBeNull();
    expect(nextDeliveryAfter([attempt(null, 'no connection')])).toBeGreaterThanOrEqual(5_000);
  });
});

describe('deliverOnce', () => {
  it('adds an attempt to those before, each with the same id and body', async () => {
    const fetch = vi.fn(async (_: string, __: RequestInit) => new Response(null, { status: 204 }));
    fetch.mockResolvedValueOnce(new Response('no', { status: 500 }));
    const options = { url: 'https://example.org/hook', secret: `whsec_${btoa('k'.repeat(32))}`, fetch };
    const once = await deliverOnce(ended, options);
    const state: GenerationState = { ...ended, webhookAttempts: once };
    const twice = await deliverOnce(state, options);
    expect(twice).toMatchObject([
      { status: 500, error: expect.any(String) },
      { status: 204, error: null },
    ]);
    const [first, second] = fetch.mock.calls.map(([url, { headers, body }]) => {
      return { url, id: new Headers(headers).get('webhook-id'), body };
    });
    expect(first).toEqual(second);
    expect(first).toMatchObject({ url: options.url, id: `msg_${ended.id}` });
  });
});
