import {
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  getOperationAST,
  getVariableValues,
  parse,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../../schema/schema.ts';
import { costError } from './cost.ts';
import { QUERY_LIMITS } from './limits.ts';
import { structureError } from './structure.ts';
import { countTokens } from './tokens.ts';

const structure = (query: string) => structureError(parse(query), QUERY_LIMITS)?.message ?? null;

function cost(query: string, variables?: Record<string, unknown>, limits = {}, against: GraphQLSchema = schema) {
  const document = parse(query);
  expect(validate(against, document)).toEqual([]);
  const operation = getOperationAST(document)!;
  const { coerced } = getVariableValues(against, operation.variableDefinitions ?? [], variables ?? {});
  return costError(against, document, operation, coerced!, { ...QUERY_LIMITS, ...limits })?.message ?? null;
}

const nested = (levels: number) => `{ ${'a { '.repeat(levels - 1)}a${' }'.repeat(levels)}`;

describe('tokens', () => {
  test('are counted as graphql-js counts them', () => {
    expect(countTokens('{ a(b: "c") # no token\n ...D }', 100)).toBe(10);
    expect(countTokens('', 100)).toBe(0);
  });

  test('are counted no further than asked, and up to what is no token', () => {
    expect(countTokens('{ '.repeat(1_000_000), 100)).toBe(100);
    expect(countTokens('{ a "unended', 100)).toBe(2);
  });
});

describe('structure', () => {
  test('depth: 12 levels of fields', () => {
    expect(structure(nested(12))).toBeNull();
    expect(structure(nested(13))).toBe('The query has 13 levels of fields: at most 12');
  });

  test('depth counts through fragments of both kinds', () => {
    const query = `{ ${'a { ... { '.repeat(10)}...F${' } }'.repeat(10)} } fragment F on A { a { a { a } } }`;
    expect(structure(query)).toBe('The query has 13 levels of fields: at most 12');
  });

  test('introspection passes, as deep as GraphiQL’s', () => {
    const options = { inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true, oneOf: true };
    expect(structure(getIntrospectionQuery(options))).toBeNull();
    expect(cost(getIntrospectionQuery())).toBeNull();
  });

  test('root fields: 10, over fragments', () => {
    const fields = (count: number) => 'node '.repeat(count);
    expect(structure(`{ ${fields(10)} }`)).toBeNull();
    expect(structure(`{ ${fields(6)} ...F } fragment F on Query { ${fields(5)} }`)).toBe(
      'The query has 11 root fields: at most 10',
    );
  });

  test('aliases: 15, as often as their fragments are spread', () => {
    const aliased = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: a`).join(' ');
    expect(structure(`{ r { ${aliased(15)} } }`)).toBeNull();
    expect(structure(`{ r { ${aliased(16)} } }`)).toBe('The query has 16 aliases: at most 15');
    expect(structure(`{ r { ...F } s { ...F } } fragment F on A { ${aliased(8)} }`)).toBe(
      'The query has 16 aliases: at most 15',
    );
  });

  test('every operation of a document counts by itself', () => {
    const eight = 'a '.repeat(8);
    expect(structure(`query A { ${eight} } query B { ${eight} }`)).toBeNull();
    expect(structure(`query A { a } query B { ${'a '.repeat(11)} }`)).toContain('11 root fields');
  });

  test('fragments that spread each other end, and are left to validation', () => {
    expect(structure('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')).toBeNull();
    expect(structure('{ ...Missing }')).toBeNull();
  });

  test('fragments that double each other are measured at once', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    const bomb = `{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { a }`;
    expect(structure(bomb)).toBe(`The query has ${2 ** 60} root fields: at most 10`);
  });
});

describe('cost', () => {
  test('is one a field', () => {
    expect(cost('{ checkpoints { name digest } }', {}, { cost: 2 })).toBe(
      'The query has 3 fields, lists counted in full: at most 2',
    );
  });

  test('multiplies by first, last, and their default, however they are given', () => {
    const ids = 'edges { node { id } }';
    const counted = (query: string, variables?: Record<string, unknown>) =>
      /has (\d+) fields/.exec(cost(query, variables, { cost: 0 }) ?? '')?.[1];
    expect(counted(`{ generations(first: 100) { ${ids} } }`)).toBe('301');
    expect(counted(`{ generations(last: 50) { ${ids} } }`)).toBe('151');
    expect(counted(`{ generations { ${ids} } }`)).toBe('61');
    expect(counted(`query ($n: Int) { generations(first: $n) { ${ids} } }`, { n: 100 })).toBe('301');
    expect(counted(`query ($n: Int = 70) { generations(first: $n) { ${ids} } }`)).toBe('211');
    expect(counted(`query ($n: Int) { generations(first: $n) { ${ids} } }`)).toBe('61');
    expect(
      counted(
        `{ ...F } fragment F on Query { generations(first: 10) { ...G } } fragment G on GenerationConnection { ${ids} }`,
      ),
    ).toBe('31');
    expect(counted('{ nodes(ids: ["a", "b"]) { id } }')).toBe('3');
  });

  test('multiplies lists within lists', () => {
    const query = `{ generations(first: 3) { edges { node { images { latent { checkpoint {
      vocabulary(first: 100) { edges { node { phrase } } } } } } } } } }`;
    // 3 generations of at most 16 images, each with 100 words of 3 fields, and what lies between.
    expect(cost(query)).toBe('The query has 14554 fields, lists counted in full: at most 10000');
  });

  test('multiplies by the most images of a generation on every way around from images to images', () => {
    const round = (first: number) => `{ generations(first: ${first}) { edges { node { images { latent { generation {
      images { latent { generation { images { id key: latent { key } } } } } } } } } } } }`;
    expect(cost(round(1))).toBe('The query has 13108 fields, lists counted in full: at most 10000');
    expect(cost(round(0))).toBeNull();
  });

  test('counts nothing below what the field refuses, and never less than nothing', () => {
    const words = (first: string) =>
      `{ generations { edges { node { images { latent { checkpoint { vocabulary(first: ${first}) { edges { node { phrase } } } } } } } } } }`;
    expect(cost(words('100'))).toContain('fields');
    for (const refused of ['101', '2147483647', '-1', '-2147483648']) expect(cost(words(refused))).toBeNull();
    expect(cost('query ($ids: [ID!]! = ["a"]) { nodes(ids: $ids) { id } }')).toBeNull();

    const neighbours = (count: number) => `mutation {
      bought: generate(input: { prompt: "x", count: ${count} }) { ... on GenerateSuccess { generation { images { a: dataUri b: url } } } }
      ${[1, 2].map(i => `x${i}: generate(input: { prompt: "x", count: 6 }) { ... on GenerateSuccess { generation { images { dataUri } } } }`).join(' ')} }`;
    for (const count of [-1000, 0, 1000]) {
      expect(cost(neighbours(count))).toBe('The query has 12 images as dataUri: at most 10');
    }
    const paid = buildSchema('type Query { list: [Thing] } type Thing { a: Int }');
    paid.getQueryType()!.getFields().list!.extensions = { cost: { size: () => -1000 } };
    expect(cost('{ list { a } }', {}, { cost: 0 }, paid)).toBe(
      'The query has 1 fields, lists counted in full: at most 0',
    );
  });

  test('leaves room for a page of everything there is, and for a full one of pictures', () => {
    const everything = `{ generations { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
      id status progress { step steps fraction } prompt negativePrompt createdAt finishedAt
      report { allowed truncated tokens tokenIds unknownWords { word start end suggestions } errors { path message } }
      parameters { checkpoint width height steps guidanceScale guidanceRescale eta clipSkip scheduler seed count }
      images { id width height seed png: url webp: url(format: WEBP) latent { id key digest shape dtype bytes url createdAt } }
      timings { stage ms backend cached } failure { code message stage retryable }
      record { checkpointDigest tokenIds negativeTokenIds seed noise scheduler dtype executionProvider runtime darkroom }
    } } } }`;
    expect(cost(everything)).toBeNull();
    const pictures =
      '{ generations(first: 100) { edges { node { id status prompt images { id url latent { key } } } } } }';
    expect(cost(pictures)).toBeNull();
  });

  test('of a subscription is that of the query for one of its events', () => {
    const selected = 'generation(id: "x") { status progress { etaMs } images { dataUri latent { key } } }';
    for (const limits of [{ cost: 0 }, { inlineImages: 0 }]) {
      const ofQuery = cost(`query { ${selected} }`, {}, limits);
      expect(ofQuery).not.toBeNull();
      expect(cost(`subscription { ${selected} }`, {}, limits)).toBe(ofQuery);
    }
  });

  test('images as dataUri: 10, lists counted in full', () => {
    const images = (first: number) => `{ generations(first: ${first}) { edges { node { images { dataUri } } } } }`;
    expect(cost(images(10))).toBeNull();
    expect(cost(images(11))).toBe('The query has 11 images as dataUri: at most 10');
    const twice = `{ generations(first: 6) { edges { node { images { png: dataUri jpeg: dataUri(format: JPEG) } } } } }`;
    expect(cost(twice)).toBe('The query has 12 images as dataUri: at most 10');
    const spread = `query ($on: Boolean!) { generations(first: 6) { edges { node { ...A ...B @include(if: $on) } } } }
      fragment A on Generation { images { ...I } } fragment B on Generation { again: images { ...I } }
      fragment I on Image { dataUri }`;
    expect(cost(spread, { on: true })).toBe('The query has 12 images as dataUri: at most 10');
    expect(cost(spread, { on: false })).toBeNull();
    const generate =
      'mutation ($input: GenerateInput!) { generate(input: $input) { ... on GenerateSuccess { generation { images { dataUri } } } } }';
    expect(cost(generate, { input: { prompt: 'x', count: 10 } })).toBeNull();
    expect(cost(generate, { input: { prompt: 'x', count: 11 } })).toContain('11 images as dataUri');
  });

  test('fragments that double each other are added up at once', () => {
    const small = buildSchema('type Query { a: Int }');
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    expect(cost(`{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { a }`, {}, {}, small)).toContain('fields');
  });
});
