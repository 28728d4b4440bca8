import { describe, expect, it } from 'vitest';
import { memoryServices } from '../../schema/testing/services.ts';
import { createGraphQL } from './create.ts';

const graphql = createGraphQL({ logger: { fault: report => expect.unreachable(JSON.stringify(report)) } });

const query =
  'mutation ($file: Upload!) { generate(input: { prompt: "a", start: { from: { image: { file: $file } } } }) { __typename } }';
const operations = JSON.stringify({ query, variables: { file: null } });
const map = '{"0":["variables.file"]}';
const file = new File(['a picture'], 'picture.png');

async function send(parts: Readonly<Record<string, string | File>>) {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'string') body.append(name, part);
    else body.append(name, part, part.name);
  }
  const services = memoryServices();
  const read: (Blob | null | undefined)[] = [];
  const { starts } = services;
  const watched = {
    ...services,
    starts: {
      read(...[source, ...rest]: Parameters<typeof starts.read>) {
        read.push(source.image?.file);
        return starts.read(source, ...rest);
      },
    },
  };
  const response = await graphql(new Request('http://localhost/graphql', { method: 'POST', body }), watched);
  return { status: response.status, json: await response.json(), read };
}

describe('a multipart request', () => {
  it('hands its files over as variables', async () => {
    const { json, read } = await send({ operations, map, 0: file });
    expect(json).toEqual({ data: { generate: { __typename: 'GenerateSuccess' } } });
    expect(await read[0]!.text()).toBe('a picture');
  });

  it('may put one file in several places, within lists too', async () => {
    const several = {
      query: `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`,
      variables: { ids: [], more: [null, { file: null }] },
    };
    const paths = '{"a":["variables.more.0","variables.more.1.file"]}';
    const { json } = await send({ operations: JSON.stringify(several), map: paths, a: file });
    expect(json).toEqual({ data: { nodes: [] } });
  });

  it('needs no map when it has no files', async () => {
    expect((await send({ operations: '{"query":"{ checkpoints { name } }"}' })).status).toBe(200);
  });

  const refused: [string, Record<string, string | File>, string][] = [
    ['no operations', { map, 0: file }, 'The form lacks its part operations'],
    ['operations that are a file', { operations: file, map }, 'The form lacks its part operations'],
    ['operations that are no JSON', { operations: '{', map }, 'The part operations is not JSON'],
    ['operations that are null', { operations: 'null', map, 0: file }, 'operations must be one operation'],
    ['a batch', { operations: `[${operations}]`, map: '{"0":["0.variables.file"]}', 0: file }, 'must be one operation'],
    ['a map that is no JSON', { operations, map: 'x', 0: file }, 'The part map is not JSON'],
    ['a map that is a list', { operations, map: '[]', 0: file }, 'map must be an object of lists'],
    ['a map to no list', { operations, map: '{"0":"variables.file"}', 0: file }, 'no list of paths for the part "0"'],
    ['a map to numbers', { operations, map: '{"0":[1]}', 0: file }, 'no list of paths for the part "0"'],
    [
      'a map to everywhere',
      { operations, map: `{"0":${JSON.stringify(Array(21).fill('x'))}}`, 0: file },
      'more than 20',
    ],
    ['a part that is not there', { operations, map }, 'the part "0", which is no file'],
    ['a part that is a text', { operations, map, 0: 'text' }, 'the part "0", which is no file'],
    ['a path to nowhere', { operations, map: '{"0":["variables.other"]}', 0: file }, 'operations has no null'],
    ['a path into a prototype', { operations, map: '{"0":["__proto__.x"]}', 0: file }, 'operations has no null'],
    ['a path through a text', { operations, map: '{"0":["query.length.x"]}', 0: file }, 'operations has no null'],
    ['a path over something', { operations, map: '{"0":["query"]}', 0: file }, 'operations has no null'],
    ['no file where one belongs', { operations }, 'Variable "$file" of non-null type "Upload!" must not be null'],
  ];
  it.each(refused)('is refused with %s', async (_, parts, problem) => {
    const { status, json, read } = await send(parts);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      errors: [{ message: expect.stringContaining(problem), extensions: { code: 'INPUT_INVALID' } }],
    });
    expect(read).toEqual([]);
  });

  it('is refused when it is no form at all', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const request = new Request('http://localhost/graphql', { method: 'POST', headers, body: 'nothing of the kind' });
    const response = await graphql(request, memoryServices());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ message: 'The body is no multipart form' }] });
  });
});

it('a literal is no file, nor is a text', async () => {
  const ask = async (query: string, variables = {}) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query, variables });
    const request = new Request('http://localhost/graphql', { method: 'POST', headers, body });
    return (await graphql(request, memoryServices())).json();
  };
  const told = { errors: [{ message: expect.stringContaining('file of a multipart request') }] };
  expect(await ask(query.replace('$file } }', '"x" } }').replace('($file: Upload!)', ''))).toMatchObject(told);
  expect(await ask(query, { file: 'x' })).toMatchObject(told);
});
