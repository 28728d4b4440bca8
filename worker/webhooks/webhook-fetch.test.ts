import { describe, expect, it, vi } from 'vitest';
import { webhookFetch } from './webhook-fetch.ts';

describe('webhookFetch', () => {
  const init = { method: 'POST' };

  it('takes the network that is bound', async () => {
    const service = { fetch: vi.fn(async () => new Response('bound')) };
    expect(await (await webhookFetch({ WEBHOOKS: service })('https://example.org/', init)).text()).toBe('bound');
    expect(service.fetch).toHaveBeenCalledExactlyOnceWith('https://example.org/', init);
  });

  it('takes the runtime’s where none is', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('global'));
    expect(await (await webhookFetch({})('https://example.org/', init)).text()).toBe('global');
    expect(fetched).toHaveBeenCalledExactlyOnceWith('https://example.org/', init);
    fetched.mockRestore();
  });
});
