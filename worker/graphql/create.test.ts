import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { RetryLater } from '../../schema/context.ts';
import { memoryServices } from '../../schema/testing/services.ts';
import { createGraphQL } from './create.ts';
import type { FaultReport } from './log.ts';

const faults: FaultReport[] = [];
const graphql = createGraphQL({ logger: { fault: report => faults.push(report) } });

async function send(
  body: unknown,
  {
    services = memoryServices(),
    accept = 'application/graphql-response+json',
  }: { services?: ReturnType<typeof memoryServices>; accept?: string | null } = {},
) {
  const headers = { 'content-type': 'application/json', ...(accept && { accept }) };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await graphql(
    new Request('http://localhost/graphql', { method: 'POST', headers, body: text }),
    services,
  );
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  const json = JSON.parse(await response.text()) as any;
  return { status: response.status, json, services, code: json.errors?.[0]?.extensions?.code };
}

describe('the GraphQL endpoint', () => {
  test('answers queries and mutations', async () => {
    expect(await send({ query: '{ checkpoints { name } }' })).toMatchObject({
      status: 200,
      json: { data: { checkpoints: [{ name: 'shipped' }, { name: 'plain' }] } },
    });
    const mutation = 'mutation { generate(input: { prompt: "a dog" }) { __typename } }';
    expect((await send({ query: mutation })).json).toEqual({ data: { generate: { __typename: 'GenerateSuccess' } } });
  });

  test.each([
    ['no GraphQL', { query: '{ checkpoints' }],
    ['an unknown field', { query: '{ nope }' }],
    ['a seed out of range', { query: 'mutation { generate(input: { prompt: "x", seed: -1 }) { __typename } }' }],
    [
      'a variable that is no seed',
      {
        query: 'mutation ($s: Seed) { generate(input: { prompt: "x", seed: $s }) { __typename } }',
        variables: { s: 'abc' },
      },
    ],
    ['a wrong enum value', { query: 'mutation { generate(input: { prompt: "x", scheduler: MAGIC }) { __typename } }' }],
    ['an unknown operation', { query: 'query A { __typename } query B { __typename }', operationName: 'C' }],
    ['no query', {}],
    ['no JSON', '{'],
    ['a batch', [{ query: '{ __typename }' }]],
  ])('answers 400 INPUT_INVALID to %s', async (_, body) => {
    for (const accept of ['application/graphql-response+json', '*/*', null]) {
      const { status, code, json, services } = await send(body, { accept });
      expect([status, code]).toEqual([400, 'INPUT_INVALID']);
      expect(json).not.toHaveProperty('data');
      expect(json.errors[0].message).not.toBe('');
      expect(services.asked).toEqual([]);
    }
  });

  test('answers 200 to malformed documents where the caller names application/json, as its specification says', async () => {
    expect(await send({ query: '{ nope' }, { accept: 'application/json' })).toMatchObject({
      status: 200,
      code: 'INPUT_INVALID',
    });
    // A second time: cached errors are not changed by the first answer.
    expect(await send({ query: '{ nope' }, { accept: '*/*' })).toMatchObject({ status: 400 });
    expect(await send({ query: '{ nope' }, { accept: 'application/json' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['tokens', `{ ${'__typename '.repeat(3000)} }`, 'The query has 3002 tokens: at most 2000'],
    ['very many tokens', `{ ${'a '.repeat(1_000_000)} }`, 'The query has 20000 or more tokens: at most 2000'],
    ['depth', `{ ${'a { '.repeat(12)}a${' }'.repeat(13)}`, 'The query has 13 levels of fields: at most 12'],
    ['root fields', `{ ${'__typename '.repeat(11)} }`, 'The query has 11 root fields: at most 10'],
    [
      'cost',
      '{ generations(first: 100) { edges { node { images { latent { checkpoint { vocabulary(first: 100) { edges { cursor } } } } } } } } }',
      'The query has 325101 fields, lists counted in full: at most 10000',
    ],
    [
      'dataUri',
      '{ generations(first: 11) { edges { node { images { dataUri } } } } }',
      'The query has 11 images as dataUri: at most 10',
    ],
  ])('refuses too many: %s', async (_, query, message) => {
    for (const _again of [1, 2]) {
      const { status, code, json, services } = await send({ query });
      expect([status, code, json.errors[0].message]).toEqual([400, 'TOO_COMPLEX', message]);
      expect(services.asked).toEqual([]);
    }
  });

  test('bounds the time that validation takes within the limits', async () => {
    // The worst for graphql-js: all fields of the same name are compared with each other.
    const query = `{ checkpoints { ${'name '.repeat(1_900)} } }`;
    expect(await send({ query })).toMatchObject({ status: 400, code: 'TOO_COMPLEX' });
  });

  test('answers the introspection query that GraphiQL sends', async () => {
    const { status, json } = await send({ query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }) });
    expect(status).toBe(200);
    expect(buildClientSchema(json.data).getQueryType()?.getFields()).toHaveProperty('checkpoints');
  });

  test('quotes huge values in part only, and few of them', async () => {
    const query = 'mutation ($input: GenerateInput!) { generate(input: $input) { __typename } }';
    const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, 1]));
    const { status, code, json } = await send({
      query,
      variables: { input: { prompt: 'a'.repeat(2_000_000), ...unknown } },
    });
    expect([status, code]).toEqual([400, 'INPUT_INVALID']);
    expect(JSON.stringify(json).length).toBeLessThan(10_000);
    const literal = `mutation { generate(input: { prompt: "x", steps: "${'a'.repeat(2_000_000)}" }) { __typename } }`;
    expect(JSON.stringify((await send({ query: literal })).json).length).toBeLessThan(10_000);
  });

  test('tells of refusals outside of result unions by code, and spares the neighbours', async () => {
    const services = memoryServices();
    services.generations.list = async () => {
      throw new RetryLater('RATE_LIMITED', 'Slowly', 250);
    };
    const query = '{ generations { totalCount } checkpoint(name: "nope") { name } checkpoints { name } }';
    const { status, json } = await send({ query }, { services });
    expect(status).toBe(200);
    expect(json.data).toEqual({
      generations: null,
      checkpoint: null,
      checkpoints: [{ name: 'shipped' }, { name: 'plain' }],
    });
    // Whichever came first.
    expect(
      json.errors.toSorted((a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)),
    ).toMatchObject([
      {
        path: ['checkpoint'],
        message: expect.stringContaining('no checkpoint "nope"'),
        extensions: { code: 'NOT_FOUND' },
      },
      { path: ['generations'], message: 'Slowly', extensions: { code: 'RATE_LIMITED', retryAfterMs: 250 } },
    ]);
    const badPage = await send({ query: '{ generations(first: 101) { totalCount } }' });
    expect(badPage).toMatchObject({
      code: 'INPUT_INVALID',
      json: { errors: [{ message: 'first is 101: at most 100' }] },
    });
  });

  test.each([
    ['101', 'at most 100'],
    ['2147483647', 'at most 100'],
    ['-5', 'at least 0'],
  ])('names the limit of a page to who asks for %s, however much would be in it', async (first, rule) => {
    const query = `{ generations(first: ${first}) { edges { node { images { dataUri latent { generation { images { url } } } } } } } }`;
    const { code, json } = await send({ query });
    expect([code, json.errors[0].message]).toEqual(['INPUT_INVALID', `first is ${first}: ${rule}`]);
    const ids = JSON.stringify(Array.from({ length: 101 }, () => 'x'));
    const nodes = await send({ query: `{ nodes(ids: ${ids}) { ... on Image { dataUri } } }` });
    expect([nodes.code, nodes.json.errors[0].message]).toEqual(['INPUT_INVALID', 'ids has 101 entries: at most 100']);
  });

  test('says nothing of its own faults but an id, which the log has too', async () => {
    const services = memoryServices();
    services.checkpoints.list = async () => {
      throw new TypeError('D1_ERROR at /secret/path');
    };
    faults.length = 0;
    const { status, json, code } = await send({ query: '{ checkpoints { name } }' }, { services });
    expect([status, code, json.data]).toEqual([200, 'INTERNAL', { checkpoints: null }]);
    expect(JSON.stringify(json)).not.toMatch(/secret|TypeError|stack/);
    expect(faults).toMatchObject([
      {
        errorId: json.errors[0].extensions.errorId,
        path: 'checkpoints',
        name: 'TypeError',
        message: 'D1_ERROR at /secret/path',
      },
    ]);
    expect(json.errors[0].message).toContain(faults[0]?.errorId);
  });

  test('keeps the prompt out of the log of faults', async () => {
    const services = memoryServices();
    services.generations.create = async () => {
      throw new Error('disk full');
    };
    faults.length = 0;
    await send({ query: 'mutation { generate(input: { prompt: "a private dog" }) { __typename } }' }, { services });
    expect(faults).toHaveLength(1);
    expect(JSON.stringify(faults)).not.toContain('private');
  });

  test('never changes anything by GET', async () => {
    const get = (query: string) =>
      graphql(new Request(`http://localhost/graphql?query=${encodeURIComponent(query)}`), memoryServices());
    expect((await get('{ __typename }')).status).toBe(200);
    const refused = await get('mutation { generate(input: { prompt: "x" }) { __typename } }');
    expect(refused.status).toBe(405);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'INPUT_INVALID' } }] });
  });

  test('reflects no origin and serves no page of its own', async () => {
    const headers = { origin: 'https://elsewhere.test', 'content-type': 'application/json' };
    const body = JSON.stringify({ query: '{ __typename }' });
    const response = await graphql(
      new Request('http://localhost/graphql', { method: 'POST', headers, body }),
      memoryServices(),
    );
    expect([...response.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
    const page = await graphql(
      new Request('http://localhost/graphql', { headers: { accept: 'text/html' } }),
      memoryServices(),
    );
    expect(await page.text()).not.toContain('<html');
  });
});
