import { expect, test } from 'vitest';
import type { Services } from '../../schema/context.ts';
import { nodeId } from '../../schema/node.ts';
import { memoryServices, testLatent } from '../../schema/testing/services.ts';
import { createGraphQL } from './create.ts';
import { findingOnce } from './finding-once.ts';

/** Counts what is asked of a service's method. */
function counted<Name extends keyof Services>(services: Services, name: Name, method: keyof Services[Name]): unknown[] {
  const asked: unknown[] = [];
  const service = services[name];
  const original = service[method] as (argument: unknown) => unknown;
  Object.assign(service, {
    [method]: (argument: unknown) => {
      asked.push(argument);
      return original.call(service, argument);
    },
  });
  return asked;
}

async function answer(services: Services, query: string) {
  const graphql = createGraphQL({ logger: { fault: () => undefined } });
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query });
  const response = await graphql(new Request('http://localhost/graphql', { method: 'POST', headers, body }), services);
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  return (await response.json()) as any;
}

test('going round from images to their generation’s images looks everything up once', async () => {
  const services = memoryServices();
  services.generations.add('SUCCEEDED', 16);
  const asked = [counted(services, 'generations', 'findMany'), counted(services, 'latents', 'findMany')];
  const query = `{ generations(first: 1) { edges { node { images { latent { generation {
    images { latent { generation { images { latent { key } } } } } } } } } } } }`;
  const { data, errors } = await answer(services, query);
  expect(errors).toBeUndefined();
  const round = data.generations.edges[0].node.images[15].latent.generation.images[15].latent.generation.images;
  expect(round).toHaveLength(16);
  expect(asked.map(({ length }) => length)).toEqual([0, 1]);
});

test('what is found lasts for one request', async () => {
  const services = memoryServices();
  services.generations.add();
  const asked = counted(services, 'latents', 'findMany');
  const query = `{ a: latent(key: "${testLatent.key}") { key } b: latent(key: "${testLatent.key}") { generation { status } } }`;
  for (let i = 0; i < 2; i++) expect((await answer(services, query)).data.b.generation.status).toBe('SUCCEEDED');
  expect(asked).toHaveLength(2);
});

test('backends are asked once what they have loaded', async () => {
  const services = memoryServices();
  const asked = counted(services, 'checkpoints', 'loaded');
  const { data } = await answer(services, '{ checkpoints { loaded } checkpoint(name: "plain") { loaded } }');
  expect(data).toEqual({ checkpoints: [{ loaded: true }, { loaded: false }], checkpoint: { loaded: false } });
  expect(asked).toHaveLength(1);
});

test('a mutation sees what the one before it has changed', async () => {
  const services = memoryServices();
  const { id } = services.generations.add('SUCCEEDED', 1);
  services.images.find = async () => services.generations.all[0]!.images[0]!;
  const asked = counted(services, 'generations', 'findMany');
  const field =
    'generate(input: { prompt: "x", wait: 1 }) { ... on GenerateSuccess { generation { images { latent { generation { status } } } } } }';
  services.generations.wait = async () => services.generations.all[0]!;
  await answer(services, `mutation { a: ${field} b: ${field} }`);
  expect(asked).toEqual([[id], [id]]);
});

test('a mutation sees what the one before it has cancelled', async () => {
  const services = memoryServices();
  services.generations.add('QUEUED', 1);
  const cancelled = '... on Generation { status images { latent { generation { status } } } }';
  const query = (id: string) =>
    `mutation { a: cancelGeneration(id: "${id}") { ${cancelled} } b: cancelGeneration(id: "${id}") { ${cancelled} } }`;
  const { data } = await answer(services, query(nodeId('Generation', 'g1')));
  const stopped = { status: 'CANCELLED', images: [{ latent: { generation: { status: 'CANCELLED' } } }] };
  expect(data).toEqual({ a: stopped, b: stopped });
});

async function withSheet() {
  const services = memoryServices();
  const sheet = '{ base: { prompt: "x" }, x: { parameter: STEPS, values: ["1", "2"] } }';
  const query = `mutation { contactSheet(input: ${sheet}) { ... on ContactSheet { id } } }`;
  const { id } = (await answer(services, query)).data.contactSheet;
  return { services, id };
}

test('a contact sheet is looked up once', async () => {
  const { services, id } = await withSheet();
  const asked = counted(services, 'contactSheets', 'find');
  await answer(services, `{ a: node(id: "${id}") { id } b: nodes(ids: ["${id}", "${id}"]) { id } }`);
  expect(asked).toEqual(['s1']);
});

test('a contact sheet and its generations are looked up again after it was cancelled, and after it was deleted', async () => {
  const { services } = await withSheet();
  const sheets = counted(services, 'contactSheets', 'find');
  const generations = counted(services, 'generations', 'findMany');
  const once = findingOnce(services);
  const status = async () => [
    (await once.contactSheets.find('s1'))?.status,
    (await once.generations.find('g1'))?.status,
  ];
  expect(await status()).toEqual(['QUEUED', 'QUEUED']);
  expect(await status()).toEqual(['QUEUED', 'QUEUED']);
  // The sheet's own look at its generations is counted too.
  expect([sheets.length, generations.length]).toEqual([1, 2]);
  await once.contactSheets.cancel('s1');
  [sheets.length, generations.length] = [0, 0];
  expect(await status()).toEqual(['CANCELLED', 'CANCELLED']);
  expect([sheets.length, generations.length]).toEqual([1, 2]);
  await once.contactSheets.delete('s1');
  expect(await status()).toEqual([undefined, undefined]);
});

test('watching is never answered from memory', async () => {
  const services = memoryServices();
  services.generations.add('QUEUED', 0);
  const { generations } = findingOnce(services);
  expect(await generations.watch('g1', 0)).toMatchObject({ state: { step: 0 } });
  services.generations.change('g1', { step: 1 });
  expect(await generations.watch('g1', 0)).toMatchObject({ state: { step: 1 } });
});
