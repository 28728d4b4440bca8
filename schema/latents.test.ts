import { describe, expect, test } from 'vitest';
import { encodeOpaque } from './opaque.ts';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard, testLatent, testLatents } from './testing/services.ts';

const PAGE = /* GraphQL */ `
  query ($first: Int, $after: String, $last: Int, $before: String, $checkpoint: String) {
    latents(first: $first, after: $after, last: $last, before: $before, checkpoint: $checkpoint) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { key } }
    }
  }
`;

async function page(args: Record<string, unknown>, services = memoryServices()) {
  const { data, errors } = await ask(services, PAGE, args);
  return { latents: data?.latents, errors, services };
}
const keysOf = (latents: { edges: { node: { key: string } }[] }) =>
  latents.edges.map(({ node }) => node.key[0]).join('');

describe('latents', () => {
  test('are listed newest first', async () => {
    const { latents } = await page({});
    expect(keysOf(latents)).toBe('4321a');
    expect(latents).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
  });

  test('are read page by page, in both directions', async () => {
    const first = (await page({ first: 2 })).latents;
    expect([keysOf(first), first.pageInfo.hasNextPage]).toEqual(['43', true]);
    const second = (await page({ first: 2, after: first.pageInfo.endCursor })).latents;
    expect(keysOf(second)).toBe('21');
    const back = (await page({ last: 5, before: second.pageInfo.startCursor })).latents;
    expect([keysOf(back), back.pageInfo.hasNextPage]).toEqual(['43', true]);
    expect(keysOf((await page({ last: 2 })).latents)).toBe('1a');
  });

  test('are those of one checkpoint when it is named', async () => {
    const { latents, services } = await page({ checkpoint: 'shipped' });
    expect([keysOf(latents), latents.totalCount]).toEqual(['321a', 4]);
    expect(services.asked).toEqual([`latents of ${testCard.digest}`]);
    const unknown = await page({ checkpoint: 'nope' });
    expect(unknown.errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each([
    'x',
    encodeOpaque('Generations', 'g1'),
    encodeOpaque('Latents', 'yesterday'),
    encodeOpaque('Latents', ''),
  ])('know no place %j', async after => {
    const { errors, services } = await page({ after });
    expect(errors?.[0]?.message).toBe('after is not a cursor of this list');
    expect(services.asked).toEqual([]);
  });
});

describe('what a latent looks like', () => {
  const look = (services: ReturnType<typeof memoryServices>, key: string) =>
    ask(services, 'query ($key: String!) { latent(key: $key) { image { id seed } } }', { key });

  test('is the image of its generation where there is one', async () => {
    const services = memoryServices();
    const { images } = services.generations.add();
    const { data } = await look(services, testLatent.key);
    expect(data.latent.image).toEqual({ id: encodeOpaque('Image', images[0]!.id), seed: 7 });
    expect(services.asked).toEqual([]);
  });

  test('is a picture of its own where there is none', async () => {
    const services = memoryServices();
    const { data } = await look(services, testLatent.key);
    expect(data.latent.image).toEqual({ id: encodeOpaque('Image', `latent-${testLatent.key}`), seed: null });
  });

  test('is decoded for three of them a request, and for the others none', async () => {
    const services = memoryServices();
    const { data, errors } = await ask(services, '{ latents { edges { node { key image { width } } } } }');
    const seen = data.latents.edges.map(({ node }: { node: { image: object | null } }) => node.image !== null);
    expect(seen).toEqual([true, true, true, false, true]);
    expect(errors?.map(error => error.originalError)).toMatchObject([{ code: 'TOO_COMPLEX' }]);
    expect(services.asked.filter(word => word === 'decode')).toHaveLength(3);
    expect(testLatents.filter(({ isDecoded }) => !isDecoded)).toHaveLength(4);
  });
});
