import { expect, test } from 'vitest';
import { nodeId } from './node.ts';
import { ask } from './testing/ask.ts';
import { memoryServices } from './testing/services.ts';

async function cancel(id: string, services = memoryServices()) {
  const { data, errors } = await ask(
    services,
    `mutation ($id: ID!) {
      cancelGeneration(id: $id) { __typename ... on Generation { id status images { id } } ... on Error { code message } }
    }`,
    { id },
  );
  expect(errors).toBeUndefined();
  return data.cancelGeneration;
}

test('cancelling stops a generation, which keeps its images', async () => {
  const services = memoryServices();
  services.generations.add('DENOISING', 2);
  const id = nodeId('Generation', 'g1');
  const stopped = await cancel(id, services);
  expect(stopped).toMatchObject({ __typename: 'Generation', id, status: 'CANCELLED' });
  expect(stopped.images).toHaveLength(2);
  expect(await cancel(id, services)).toEqual(stopped);
});

test.each(['SUCCEEDED', 'FAILED'] as const)('one that is %s is returned unchanged', async status => {
  const services = memoryServices();
  services.generations.add(status);
  expect(await cancel(nodeId('Generation', 'g1'), services)).toMatchObject({ __typename: 'Generation', status });
});

test.each([nodeId('Generation', 'g9'), nodeId('Latent', 'g1'), 'g1', ''])('there is none with the id %j', async id => {
  const services = memoryServices();
  services.generations.add('QUEUED', 0);
  expect(await cancel(id, services)).toEqual({
    __typename: 'RequestError',
    code: 'NOT_FOUND',
    message: 'There is no generation or contact sheet with this id',
  });
  expect(services.generations.all[0]!.status).toBe('QUEUED');
});
