/** What a caller can do with a generation that takes its time: ask twice, watch, stop it, be called. */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebhookReceiver } from '../edge/webhook-receiver.ts';
import { House } from './house.ts';

const key = Buffer.alloc(32, 'k');
let house: House;
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await WebhookReceiver.listen();
  house = await House.build({ WEBHOOK_SECRET: `whsec_${key.toString('base64')}`, WEBHOOK_ALLOW_PRIVATE: 'true' });
});
afterAll(async () => {
  await house?.tearDown();
  await receiver?.close();
});

const short = { prompt: 'a b', steps: 2, wait: 60_000 };
const long = { prompt: 'a b', steps: 900, wait: 0 };
const fields = 'id status progress { step steps queuePosition etaMs } webhookAttempts { at status error } finishedAt';

const read = async (id: string) =>
  (await house.ask(`query ($id: ID!) { generation(id: $id) { ${fields} } }`, { id })).data.generation;
const cancel = async (id: string) =>
  (
    await house.ask(
      `mutation ($id: ID!) { cancelGeneration(id: $id) { __typename ... on Generation { ${fields} } ... on Error { code } } }`,
      { id },
    )
  ).data.cancelGeneration;

async function until<T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
    const found = await look();
    if (isSo(found)) return found;
  }
  throw new Error(`it never was so: ${JSON.stringify(await look())}`);
}

/** The events of a subscription, to its end. */
async function* watch(id: string) {
  const query = `subscription ($id: ID!) { generation(id: $id) { status progress { step } } }`;
  const body = JSON.stringify({ query, variables: { id } });
  const response = await house.post(body, { accept: 'text/event-stream' });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (event.includes('event: complete')) return;
      const [, data] = /^data: (.+)$/m.exec(event) ?? [];
      if (data !== undefined) yield JSON.parse(data).data.generation;
    }
  }
  throw new Error('the stream broke off');
}

it('is made once for one idempotency key, however often and at the same time it is asked for', async () => {
  const input = { ...short, seed: 11, idempotencyKey: 'k1' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => house.generate({ ...input, wait: 0 })));
  expect(new Set(answers.map(({ generation }) => generation.id)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  // However long one waits is no part of what is asked for.
  const later = await house.generate(input);
  expect(later).toMatchObject({ replayed: true, generation: { id: answers[0].generation.id, status: 'SUCCEEDED' } });
  expect(await house.generate({ ...input, seed: 12 })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

it('has the seed that was drawn when it is asked for again', async () => {
  const input = { ...short, idempotencyKey: 'drawn' };
  const [one, other] = [await house.generate(input), await house.generate(input)];
  expect(other).toMatchObject({ replayed: true, generation: { parameters: one.generation.parameters } });
});

it('is watched to its end: steps never go down, the last event is the end', async () => {
  const { generation } = await house.generate({ ...long, steps: 300, seed: 21 });
  const seen: { status: string; progress: { step: number } }[] = [];
  for await (const event of watch(generation.id)) seen.push(event);
  const steps = seen.map(({ progress }) => progress.step);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toMatchObject({ status: 'SUCCEEDED', progress: { step: 300 } });
  // Who comes when it is over is told so at once.
  for await (const event of watch(generation.id)) expect(event.status).toBe('SUCCEEDED');
});

it('is null, once, where there is none', async () => {
  const seen: unknown[] = [];
  for await (const event of watch('bm9uZQ')) seen.push(event);
  expect(seen).toEqual([null]);
  expect(await read('bm9uZQ')).toBeNull();
});

it('is stopped while it runs, and stays as it was when it had ended', async () => {
  const { generation } = await house.generate({ ...long, seed: 31 });
  await until(
    () => read(generation.id),
    ({ progress }) => progress.step > 0,
  );
  const stopped = await cancel(generation.id);
  expect(stopped).toMatchObject({ __typename: 'Generation', status: 'CANCELLED', finishedAt: expect.any(String) });
  const free = async () =>
    (await (await fetch(`http://127.0.0.1:${house.backendPort}/health`)).json()) as { running: number };
  await until(free, ({ running }) => running === 0);
  expect(await cancel(generation.id)).toEqual(stopped);
  expect(await read(generation.id)).toMatchObject({ status: 'CANCELLED', progress: stopped.progress });
  const made = (await house.generate({ ...short, seed: 32 })).generation;
  expect(await cancel(made.id)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await cancel('bm9uZQ')).toMatchObject({ code: 'NOT_FOUND' });
});

it('says where it waits, and leaves the queue when it is stopped', async () => {
  await house.killBackend();
  const ids: string[] = [];
  for (const seed of [41, 42, 43]) ids.push((await house.generate({ ...short, wait: 0, seed })).generation.id);
  const positions = async () => Promise.all(ids.map(async id => (await read(id)).progress.queuePosition));
  await until(positions, found => found.join() === '0,1,2');
  await cancel(ids[1]!);
  await until(positions, found => found.join() === '0,,1');
  await house.startBackend();
  for (const id of [ids[0]!, ids[2]!])
    await until(
      () => read(id),
      ({ status }) => status === 'SUCCEEDED',
    );
  expect(await read(ids[1]!)).toMatchObject({ status: 'CANCELLED' });
});

it('calls the address it was given, signed, and shows how that went', async () => {
  const webhook = `http://127.0.0.1:${receiver.port}/ok`;
  const { generation } = await house.generate({ ...short, seed: 51, webhook });
  const { webhookAttempts } = await until(
    () => read(generation.id),
    ({ webhookAttempts: all }) => all.length > 0,
  );
  expect(webhookAttempts).toMatchObject([{ status: 200, error: null }]);
  const { headers, body } = receiver.calls.find(call => call.path === '/ok')!;
  expect(JSON.parse(body)).toMatchObject({ type: 'generation.succeeded', data: { id: generation.id } });
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(receiver.calls.filter(call => call.path === '/ok')).toHaveLength(1);
});

it('calls again after a failure, and tells of a generation that was stopped', async () => {
  const webhook = `http://127.0.0.1:${receiver.port}/broken`;
  const { generation } = await house.generate({ ...long, seed: 61, webhook });
  await cancel(generation.id);
  const { webhookAttempts } = await until(
    () => read(generation.id),
    ({ webhookAttempts: all }) => all.length > 1,
  );
  expect(webhookAttempts[0]).toMatchObject({ status: 500, error: expect.any(String) });
  const bodies = receiver.calls.filter(({ path }) => path === '/broken').map(({ body }) => JSON.parse(body).type);
  expect(new Set(bodies)).toEqual(new Set(['generation.cancelled']));
});
