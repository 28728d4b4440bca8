import { describe, expect, test } from 'vitest';
import { decodeOpaque, encodeOpaque } from './opaque.ts';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard, testLatent } from './testing/services.ts';

const NODE = /* GraphQL */ `
  query ($id: ID!) {
    node(id: $id) {
      __typename id
      ... on Generation { status }
      ... on Image { width }
      ... on Latent { key }
      ... on Checkpoint { name }
    }
  }
`;

describe('node', () => {
  const services = memoryServices();
  services.generations.add('SUCCEEDED', 2);

  test('finds everything that has an id', async () => {
    const { data } = await ask(
      services,
      '{ generations { edges { node { id images { id latent { id checkpoint { id } } } } } } }',
    );
    const generation = data.generations.edges[0].node;
    const ids = [
      generation.id,
      generation.images[1].id,
      generation.images[1].latent.id,
      generation.images[1].latent.checkpoint.id,
    ];
    expect(new Set(ids).size).toBe(4);
    const found = await Promise.all(ids.map(async id => (await ask(services, NODE, { id })).data.node));
    expect(found).toEqual([
      { __typename: 'Generation', id: ids[0], status: 'SUCCEEDED' },
      { __typename: 'Image', id: ids[1], width: 128 },
      { __typename: 'Latent', id: ids[2], key: testLatent.key },
      { __typename: 'Checkpoint', id: ids[3], name: testCard.name },
    ]);
    expect(
      (await ask(services, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [...ids, 'x'] })).data,
    ).toEqual({
      nodes: [...ids.map(id => ({ id })), null],
    });
  });

  test.each([
    '',
    'x',
    '%%%',
    'g1',
    encodeOpaque('Generation', ''),
    encodeOpaque('Generation', 'nope'),
    encodeOpaque('Score', 'g1'),
    encodeOpaque('Generation', 'g'.repeat(1_000)),
    encodeOpaque('constructor', 'g1'),
    `${encodeOpaque('Generation', 'g1')}=`,
    ` ${encodeOpaque('Generation', 'g1')}`,
  ])('is null for %j', async id => {
    expect(await ask(services, NODE, { id })).toEqual({ data: { node: null } });
    expect(await ask(services, 'query ($id: ID!) { generation(id: $id) { id } }', { id })).toEqual({
      data: { generation: null },
    });
  });

  test('takes at most 100 ids at once', async () => {
    const ids = Array(101).fill('x');
    const { errors } = await ask(services, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(errors?.[0]?.message).toBe('ids has 101 entries: at most 100');
  });

  test('an id has one spelling', () => {
    const id = encodeOpaque('Image', 'g1?~.0');
    expect(decodeOpaque(id)).toEqual({ kind: 'Image', value: 'g1?~.0' });
    expect(id).toMatch(/^[\w-]+$/);
  });
});
