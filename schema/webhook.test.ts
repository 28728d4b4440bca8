import { describe, expect, test } from 'vitest';
import { ask } from './testing/ask.ts';
import { memoryServices } from './testing/services.ts';

async function generate(webhook: string | null, services = memoryServices()) {
  const { data } = await ask(
    services,
    'mutation ($webhook: String) { generate(input: { prompt: "a dog", webhook: $webhook }) { __typename ... on InputError { issues { path message } } } }',
    { webhook },
  );
  return { services, result: data.generate };
}

describe('a webhook', () => {
  test('is handed on as it was given', async () => {
    const { services } = await generate('https://a.example/b?c=d');
    expect(services.generations.requests[0]!.webhook).toBe('https://a.example/b?c=d');
    expect((await generate(null)).services.generations.requests[0]!.webhook).toBeNull();
  });

  test('must be an address that the server would call', async () => {
    const { services, result } = await generate('ftp://a.example');
    expect(result.issues).toEqual([{ path: ['input', 'webhook'], message: 'webhook is no https address' }]);
    expect(services.asked).toEqual([]);
  });

  test('needs a server that can sign', async () => {
    const services = memoryServices();
    services.generations.takesWebhooks = false;
    const { result } = await generate('https://a.example', services);
    expect(result.issues).toEqual([
      { path: ['input', 'webhook'], message: expect.stringContaining('the server has no WEBHOOK_SECRET') },
    ]);
    expect((await generate(null, services)).result.__typename).toBe('GenerateSuccess');
  });
});

test('attempts are told in their order', async () => {
  const services = memoryServices();
  const { id } = services.generations.add();
  const query = `{ generation(id: "${btoa(`Generation:${id}`).replaceAll('=', '')}") { webhookAttempts { at status error } } }`;
  expect((await ask(services, query)).data.generation.webhookAttempts).toEqual([]);
  const webhookAttempts = [
    { at: '2026-11-22T18:00:00.000Z', status: null, error: 'No answer within 10 s' },
    { at: '2026-11-22T18:00:10.000Z', status: 500, error: 'The answer was 500' },
    { at: '2026-11-22T18:01:00.000Z', status: 204, error: null },
  ];
  services.generations.change(id, { webhookAttempts });
  expect((await ask(services, query)).data.generation.webhookAttempts).toEqual(webhookAttempts);
});
