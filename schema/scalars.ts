import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'A moment in RFC 3339, UTC: `2026-11-22T18:25:00.000Z`.',
  serialize: value => value,
});

builder.scalarType('Upload', {
  description: 'A file of a multipart request (GraphQL multipart request specification): a variable, never a literal.',
  serialize: () => {
    throw new TypeError('An upload is never answered');
  },
  parseValue: value => {
    if (value instanceof Blob) return value;
    throw noUpload(null);
  },
  parseLiteral: node => {
    throw noUpload(node);
  },
});

function noUpload(node: ValueNode | null): GraphQLError {
  return new GraphQLError('An Upload is a file of a multipart request, which its map puts into a variable', {
    nodes: node,
    extensions: { code: 'INPUT_INVALID' },
  });
}

const SEED_RULE = 'a whole number from 0 to 9007199254740991 (2^53 - 1), as a number or a decimal string';

/** @throws GraphQLError that names the value and the range */
export function parseSeed(value: unknown): number {
  const seed = typeof value === 'string' && /^[0-9]{1,16}$/.test(value) ? Number(value) : value;
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return seed + 0; // -0 is 0
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);
  throw new GraphQLError(`seed is ${shown}: must be ${SEED_RULE}`, { extensions: { code: 'INPUT_INVALID' } });
}

function parseSeedLiteral(node: ValueNode): number {
  if (node.kind === Kind.INT) return parseSeed(node.value.startsWith('-') ? Number(node.value) : node.value);
  if (node.kind === Kind.STRING) return parseSeed(node.value);
  throw new GraphQLError(`A seed must be ${SEED_RULE}`, { nodes: node, extensions: { code: 'INPUT_INVALID' } });
}

builder.scalarType('Seed', {
  description:
    'A whole number from 0 to 2^53 - 1, as a JSON number or a decimal string; answered as a number. What `torch.manual_seed` takes.',
  serialize: value => value,
  parseValue: parseSeed,
  parseLiteral: parseSeedLiteral,
});
