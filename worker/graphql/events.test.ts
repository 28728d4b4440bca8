import { expect, test } from 'vitest';
import type { GenerationState } from '../../schema/context.ts';
import { nodeId } from '../../schema/node.ts';
import { type MemoryServices, memoryServices, testLatent } from '../../schema/testing/services.ts';
import { createGraphQL } from './create.ts';
import type { FaultReport } from './log.ts';

const faults: FaultReport[] = [];
const graphql = createGraphQL({ logger: { fault: report => faults.push(report) } });
const id = nodeId('Generation', 'g1');
const STREAM = 'text/event-stream';
const WATCH = 'subscription ($id: ID!) { generation(id: $id) { status progress { step } } }';

interface Asked {
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly accept?: string | null;
  readonly method?: 'GET' | 'POST';
}

function ask(services: MemoryServices, { query = WATCH, variables = { id }, accept = STREAM, method = 'POST' }: Asked) {
  const headers = { 'content-type': 'application/json', ...(accept && { accept }) };
  const asked = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  return graphql(
    method === 'POST'
      ? new Request('http://localhost/graphql', { method, headers, body: JSON.stringify({ query, variables }) })
      : new Request(`http://localhost/graphql?${asked}`, { headers }),
    services,
  );
}

/** One whose generation g1 is waiting. */
function begun(): MemoryServices {
  const services = memoryServices();
  services.generations.add('QUEUED', 0);
  return services;
}

/** The events of a stream as they come, `complete` included; comments are left out. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';
  pings = 0;

  constructor(response: Response) {
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  /** Null at the end of the stream. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async next(): Promise<{ event: string; data: any } | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (block === ':') this.pings++;
        else return parsed(block);
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async rest(): Promise<{ event: string; data: any }[]> {
    const events = [];
    for (let event = await this.next(); event !== null; event = await this.next()) events.push(event);
    return events;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

function parsed(block: string) {
  const [, event, data] = /^event: (\w+)\ndata:(.*)$/s.exec(block) ?? [];
  if (event === undefined) throw new Error(`No event: ${block}`);
  return { event, data: data ? JSON.parse(data) : null };
}

const next = (status: string, step: number) => ({
  event: 'next',
  data: { data: { generation: { status, progress: { step } } } },
});
const complete = { event: 'complete', data: null };

test.each(['POST', 'GET'] as const)('a subscription by %s is a stream of events', async method => {
  const services = begun();
  const response = await ask(services, { method });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(STREAM);
  const events = new Events(response);
  expect(await events.next()).toEqual(next('QUEUED', 0));
  services.generations.change('g1', { status: 'DENOISING', step: 1 });
  expect(await events.next()).toEqual(next('DENOISING', 1));
  services.generations.change('g1', { status: 'SUCCEEDED', step: 20 });
  expect(await events.rest()).toEqual([next('SUCCEEDED', 20), complete]);
});

test('nobody on the way is to keep events, or to wait for more of them', async () => {
  const response = await ask(begun(), {});
  const { headers } = response;
  expect(headers.get('cache-control')).toBe('no-store, no-transform');
  expect(headers.get('x-accel-buffering')).toBe('no');
  expect([headers.has('connection'), headers.has('content-encoding')]).toEqual([false, false]);
  const events = new Events(response);
  await events.next();
  await events.leave();
});

test.each([STREAM, '*/*', null, 'text/event-stream, application/json'])('Accept: %s is enough', async accept => {
  const services = memoryServices();
  services.generations.add();
  const response = await ask(services, { accept });
  expect(await new Events(response).rest()).toEqual([next('SUCCEEDED', 20), complete]);
});

test.each(['application/json', 'application/graphql-response+json'])('Accept: %s cannot have it', async accept => {
  const services = begun();
  const response = await ask(services, { accept });
  expect(response.status).toBe(406);
  expect(await response.json()).toMatchObject({
    errors: [{ message: expect.stringContaining('Accept: text/event-stream'), extensions: { code: 'INPUT_INVALID' } }],
  });
  expect(services.asked).toEqual([]);
});

test.each([nodeId('Generation', 'g9'), 'nonsense'])('of %s there is null, and the end', async unknown => {
  const response = await ask(begun(), { variables: { id: unknown } });
  expect(await new Events(response).rest()).toEqual([
    { event: 'next', data: { data: { generation: null } } },
    complete,
  ]);
});

test('a quiet stream is kept alive', async () => {
  const services = begun();
  const events = new Events(await ask(services, {}));
  await events.next();
  const last = events.next();
  // Yoga says so every 12 seconds, and in tests every 300 milliseconds.
  await new Promise(resolve => setTimeout(resolve, 800));
  services.generations.change('g1', { status: 'CANCELLED' });
  expect(await last).toEqual(next('CANCELLED', 0));
  expect(events.pings).toBeGreaterThanOrEqual(3);
});

test('who hangs up is not worked for any more', async () => {
  const services = begun();
  const { watch } = services.generations;
  let watching = 0;
  services.generations.watch = async (id, seen) => {
    watching++;
    return watch.call(services.generations, id, seen);
  };
  const events = new Events(await ask(services, {}));
  await events.next();
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(watching).toBe(2);
  await events.leave();
  services.generations.change('g1', { step: 1 });
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(watching).toBe(2);
});

test.each([
  ['a wrong field', 'subscription { generation(id: "x") { nope } }', 'INPUT_INVALID'],
  ['no GraphQL', 'subscription {', 'INPUT_INVALID'],
  ['a variable that is none', 'subscription ($id: ID!) { generation(id: $id) { id } }', 'INPUT_INVALID'],
  ['two at once', 'subscription { a: generation(id: "x") { id } b: generation(id: "y") { id } }', 'INPUT_INVALID'],
  [
    'too much',
    `subscription { generation(id: "x") { ${Array.from({ length: 11 }, (_, i) => `i${i}: images { dataUri }`).join(' ')} } }`,
    'TOO_COMPLEX',
  ],
])('%s is the only event of a stream, which EventSource can read', async (_, query, code) => {
  const services = begun();
  const response = await ask(services, { query, variables: {}, method: 'GET' });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, STREAM]);
  const events = await new Events(response).rest();
  expect(events).toMatchObject([{ event: 'next', data: { errors: [{ extensions: { code } }] } }, complete]);
  expect(events[0]!.data).not.toHaveProperty('data');
  expect(services.asked).toEqual([]);
});

test('who takes JSON as well is told 400', async () => {
  const query = 'subscription { generation(id: "x") { nope } }';
  const response = await ask(begun(), { query, accept: 'application/graphql-response+json, text/event-stream' });
  expect(response.status).toBe(400);
});

test('a query may be asked for as a stream, of one event', async () => {
  const query = 'query ($id: ID!) { generation(id: $id) { status progress { step } } }';
  expect(await new Events(await ask(begun(), { query })).rest()).toEqual([next('QUEUED', 0), complete]);
});

test('nothing is changed by GET, whatever is asked for', async () => {
  const services = begun();
  const query = 'mutation ($id: ID!) { cancelGeneration(id: $id) { __typename } }';
  const response = await ask(services, { query, method: 'GET' });
  expect(response.status).toBe(405);
  expect(services.asked).toEqual([]);
});

test('every event has all that one response may take', async () => {
  const services = begun();
  const query = 'subscription ($id: ID!) { generation(id: $id) { images { dataUri } } }';
  const { images } = services.generations.add('SUCCEEDED', 10);
  services.generations.change('g1', { images });
  const events = new Events(await ask(services, { query }));
  for (let i = 0; i < 3; i++) {
    const event = await events.next();
    expect(event!.data.errors).toBeUndefined();
    expect(event!.data.data.generation.images).toHaveLength(10);
    services.generations.change('g1', { step: i });
  }
  services.generations.change('g1', { images: [...images, images[0]!], status: 'SUCCEEDED' });
  const last = (await events.rest()).at(-2)!;
  expect(last.data.errors).toMatchObject([{ extensions: { code: 'TOO_COMPLEX' } }]);
});

test('every event looks everything up anew', async () => {
  const services = begun();
  const query = `subscription ($id: ID!) {
    generation(id: $id) { images { latent { digest isIt: generation { step: progress { step } } } } }
  }`;
  const { images } = services.generations.add('SUCCEEDED', 1);
  let latent = testLatent;
  services.latents.findMany = async () => new Map([[testLatent.key, latent]]);
  services.generations.change('g1', { images });
  const events = new Events(await ask(services, { query }));
  const read = async () => {
    const [image] = (await events.next())!.data.data.generation.images;
    return [image.latent.digest, image.latent.isIt.step.step];
  };
  expect(await read()).toEqual([testLatent.digest, 0]);
  latent = { ...testLatent, digest: 'f'.repeat(64) };
  services.generations.change('g1', { step: 7 });
  expect(await read()).toEqual(['f'.repeat(64), 7]);
  await events.leave();
});

test('a fault within an event is masked and logged, and the stream goes on', async () => {
  const services = begun();
  const url = 'https://darkroom.test/a.png';
  const { images } = services.generations.add('SUCCEEDED', 1);
  services.generations.change('g1', { images });
  let calls = 0;
  services.images.url = async () => {
    if (calls++ === 0) throw new TypeError('R2 at /secret/path');
    return url;
  };
  faults.length = 0;
  const query = 'subscription ($id: ID!) { generation(id: $id) { images { url } } }';
  const events = new Events(await ask(services, { query }));
  const { data: first } = (await events.next())!;
  expect(first.errors).toMatchObject([
    { path: ['generation', 'images', 0, 'url'], extensions: { code: 'INTERNAL', errorId: faults[0]!.errorId } },
  ]);
  expect(JSON.stringify(first)).not.toMatch(/secret|unexpected|TypeError/);
  expect(faults).toMatchObject([{ path: 'generation.images.0.url', message: 'R2 at /secret/path' }]);
  services.generations.change('g1', { status: 'SUCCEEDED' });
  expect(await events.rest()).toEqual([
    { event: 'next', data: { data: { generation: { images: [{ url }] } } } },
    complete,
  ]);
});

test('where watching fails for good the stream says so and ends, and the fault is in the log alone', async () => {
  const services = begun();
  services.generations.watch = async () => {
    throw new TypeError('the object at /secret/path was reset');
  };
  faults.length = 0;
  const events = await new Events(await ask(services, {})).rest();
  const errorId = faults.at(-1)!.errorId;
  expect(events).toEqual([
    {
      event: 'next',
      data: { errors: [{ message: expect.stringContaining(errorId), extensions: { code: 'INTERNAL', errorId } }] },
    },
    complete,
  ]);
  // Four times it was tried again; what was spared the caller is logged as well.
  expect(faults).toHaveLength(5);
});

test('what is no fault of ours has a code in a stream, too', async () => {
  const services = begun();
  const state: GenerationState = { ...services.generations.all[0]!, prompt: null as unknown as string };
  services.generations.watch = async () => ({ state: { ...state, status: 'SUCCEEDED' }, version: 1 });
  const query = 'subscription ($id: ID!) { generation(id: $id) { prompt } }';
  const [event] = await new Events(await ask(services, { query })).rest();
  expect(event!.data).toMatchObject({
    data: { generation: null },
    errors: [{ extensions: { code: expect.any(String) } }],
  });
});
