/** The server dies while a client waits or watches: the client asks again, and is told what is true. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeOpaque } from '../../schema/opaque.ts';
import { askGraphql } from '../ask-graphql.ts';
import { StreamBroken, watchGeneration } from '../load/event-stream.ts';
import { hasEnded } from './course.ts';
import { MortalHouse } from './mortal-house.ts';

let house: MortalHouse;
let url: string;
beforeAll(async () => {
  house = await MortalHouse.build({ backends: 1, side: 64 });
  url = house.edge.url;
}, 120_000);
afterAll(() => house?.tearDown());

/** Long enough to be interrupted. */
const long = { prompt: 'a b', steps: 150 };
const mutation = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message }
  ... on GenerateSuccess { replayed generation { id status progress { step } } } } }`;
const generate = async (input: object) => (await askGraphql(url, mutation, { input })).generate;
const query = 'query ($id: ID!) { generation(id: $id) { status progress { step } } }';
const read = async (id: string) => (await askGraphql(url, query, { id })).generation;
const fields = 'status progress { step steps }';

async function untilStep(id: string, step: number): Promise<void> {
  for (;;) {
    const { status, progress } = await read(id);
    if (progress.step >= step) return;
    if (hasEnded(status)) throw new Error(`it is ${status} before step ${step}`);
    await sleep(10);
  }
}

it('says null for an id that is unknown, malformed or deleted, to those who ask and to those who watch', async () => {
  const { generation } = await generate({ ...long, seed: 1, steps: 2, wait: 60_000 });
  expect(generation.status).toBe('SUCCEEDED');
  await askGraphql(url, 'mutation ($id: ID!) { deleteGeneration(id: $id) { __typename } }', { id: generation.id });
  const unknown = encodeOpaque('Generation', '0'.repeat(32));
  for (const id of [generation.id, unknown, 'never', '']) {
    expect(await read(id), id).toBeNull();
    const events = [];
    for await (const event of watchGeneration(url, id, fields)) events.push(event);
    expect(events, id).toEqual([null]);
  }
});

it('answers who waited, when they ask again with their key', { timeout: 120_000 }, async () => {
  const input = { ...long, seed: 2, idempotencyKey: 'who waits', wait: 60_000 };
  const { generation } = await generate({ ...input, wait: 0 });
  const waiting = generate(input).then(
    answer => ({ answer }),
    (error: unknown) => ({ error }),
  );
  await untilStep(generation.id, 20);
  const { progress } = await read(generation.id);
  await house.edge.kill();
  expect(await waiting).toHaveProperty('error');
  await house.edge.start();
  expect((await read(generation.id)).progress.step).toBeGreaterThanOrEqual(progress.step);
  const again = await generate(input);
  expect(again).toMatchObject({
    replayed: true,
    generation: { id: generation.id, status: 'SUCCEEDED', progress: { step: long.steps } },
  });
});

it('shows who watched, when they come back, no step before the last', { timeout: 120_000 }, async () => {
  const { generation } = await generate({ ...long, seed: 3 });
  const steps: number[] = [];
  const watch = async (until: number) => {
    let status = '';
    for await (const now of watchGeneration(url, generation.id, fields)) {
      steps.push(now.progress.step);
      status = now.status;
      if (now.progress.step >= until) return status;
    }
    return status;
  };
  const broken = watch(Number.POSITIVE_INFINITY).catch((error: unknown) => error);
  while (!(steps.at(-1)! >= 20)) await sleep(10);
  await house.edge.kill();
  expect(await broken).toBeInstanceOf(StreamBroken);
  const before = steps.length;
  await house.edge.start();
  expect(await watch(Number.POSITIVE_INFINITY)).toBe('SUCCEEDED');
  expect(steps[before]).toBeGreaterThanOrEqual(steps[before - 1]!);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(steps.at(-1)).toBe(long.steps);
});
