import { describe, expect, test } from 'vitest';
import { encodeOpaque } from './opaque.ts';
import { ask } from './testing/ask.ts';
import { memoryServices } from './testing/services.ts';

const LIST = /* GraphQL */ `
  query ($first: Int, $after: String, $last: Int, $before: String, $status: [GenerationStatus!]) {
    generations(first: $first, after: $after, last: $last, before: $before, status: $status) {
      totalCount
      edges { cursor node { id status } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

const services = memoryServices();
for (let i = 0; i < 30; i++) services.generations.add(i % 3 === 0 ? 'FAILED' : 'SUCCEEDED');

async function list(variables: Record<string, unknown> = {}) {
  const { data, errors } = await ask(services, LIST, variables);
  const page = data?.generations;
  return { errors, page, ids: page?.edges.map(({ node }: { node: { id: string } }) => plainId(node.id)) };
}

/** `g30` of a generation's global id. */
const plainId = (id: string) => atob(id).split(':')[1];
const numbered = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => `g${from - i}`);

describe('generations', () => {
  test('are the newest 20, newest first', async () => {
    const { page, ids } = await list();
    expect(ids).toEqual(numbered(30, 11));
    expect(page.totalCount).toBe(30);
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0].cursor,
      endCursor: page.edges[19].cursor,
    });
  });

  test('go on after a cursor, to the end', async () => {
    const first = await list({ first: 10 });
    const second = await list({ first: 10, after: first.page.pageInfo.endCursor });
    expect(second.ids).toEqual(numbered(20, 11));
    expect(second.page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const third = await list({ first: 10, after: second.page.pageInfo.endCursor });
    expect(third.ids).toEqual(numbered(10, 1));
    expect(third.page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const beyond = await list({ first: 10, after: third.page.pageInfo.endCursor });
    expect(beyond.ids).toEqual([]);
    expect(beyond.page.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: null,
      endCursor: null,
    });
  });

  test('go back from the end, newest first all the same', async () => {
    const last = await list({ last: 10 });
    expect(last.ids).toEqual(numbered(10, 1));
    expect(last.page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const before = await list({ last: 15, before: last.page.pageInfo.startCursor });
    expect(before.ids).toEqual(numbered(25, 11));
    expect(before.page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const start = await list({ last: 15, before: before.page.pageInfo.startCursor });
    expect(start.ids).toEqual(numbered(30, 26));
    expect(start.page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  test('are kept between two cursors', async () => {
    const { page } = await list({ first: 30 });
    const [after, before] = [page.edges[4].cursor, page.edges[9].cursor];
    expect((await list({ after, before })).ids).toEqual(numbered(25, 22));
    expect((await list({ after, before, last: 2 })).ids).toEqual(numbered(23, 22));
    expect((await list({ after, before, first: 2 })).page.pageInfo).toMatchObject({
      hasNextPage: true,
      hasPreviousPage: true,
    });
  });

  test('are filtered by status, the count too', async () => {
    const { page } = await list({ status: ['FAILED'], first: 3 });
    expect(page.totalCount).toBe(10);
    expect(page.edges.map(({ node }: { node: { status: string } }) => node.status)).toEqual(Array(3).fill('FAILED'));
  });

  test('are counted only when that is asked', async () => {
    services.asked.length = 0;
    await ask(services, '{ generations(first: 0) { edges { cursor } pageInfo { hasNextPage } } }');
    expect(services.asked).toEqual(['list']);
  });

  test.each([
    [{ first: 101 }, 'first is 101: at most 100'],
    [{ first: -1 }, 'first is -1: at least 0'],
    [{ last: 1000 }, 'last is 1000: at most 100'],
    [{ first: 1, last: 1 }, 'first and last exclude each other'],
    [{ after: 'garbage' }, 'after is not a cursor of this list'],
    [{ after: '' }, 'after is not a cursor of this list'],
    [{ before: btoa('Vocabulary:1').replace(/=+$/, '') }, 'before is not a cursor of this list'],
    [{ after: encodeOpaque('Generations', 'no id') }, 'after is not a cursor of this list'],
    [{ before: encodeOpaque('Generations', "g1' OR 1") }, 'before is not a cursor of this list'],
    [{ first: 200, before: '%' }, 'first is 200: at most 100; before is not a cursor of this list'],
  ])('refuse the page %j', async (variables, message) => {
    const { page, errors } = await list(variables);
    expect(page).toBeNull();
    expect(errors?.[0]?.originalError).toMatchObject({ name: 'InputError', code: 'INPUT_INVALID', message });
  });
});
