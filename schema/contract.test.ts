import { readFileSync } from 'node:fs';
import {
  astFromValue,
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  print,
  printSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from './schema.ts';

const contract = buildSchema(readFileSync(new URL('contract.graphql', import.meta.url), 'utf8'));

/** What is served beyond the contract, by schema coordinate. */
const additions: ReadonlySet<string> = new Set([
  'BrowserCheckpoint',
  'BrowserFile',
  'Checkpoint.browser',
  'Checkpoint.bytes',
  'Checkpoint.loaded',
  'Checkpoint.memoryBytes',
  'GenerationRecord.kinds',
  'Parameters.sdxl',
  'SdxlParameters',
]);

const served = Object.values(schema.getTypeMap()).filter(
  type => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

describe('the served schema', () => {
  test('is the committed one (npx vitest run schema -u writes it)', async () => {
    await expect(`${printSchema(schema)}\n`).toMatchFileSnapshot('./schema.graphql');
  });

  test('agrees with the contract', () => {
    expect(served.flatMap(disagreements)).toEqual([]);
  });

  test('describes every type, field, argument and enum value', () => {
    const bare = served.flatMap(type => described(type).filter(([, text]) => !text?.trim()));
    expect(bare.map(([coordinate]) => coordinate)).toEqual([]);
  });
});

function disagreements(type: GraphQLNamedType): string[] {
  const agreed = contract.getType(type.name);
  if (!agreed) return additions.has(type.name) ? [] : [`${type.name} is not in the contract`];
  if (agreed.constructor.name !== type.constructor.name) {
    return [`${type.name} is a ${type.constructor.name}, agreed ${agreed.constructor.name}`];
  }
  const members = (of: GraphQLNamedType): string[] => {
    if (isUnionType(of)) return of.getTypes().map(member => member.name);
    if (isEnumType(of)) return of.getValues().map(value => value.name);
    return [];
  };
  const extra = members(type).filter(member => !members(agreed).includes(member));
  return [...extra.map(member => `${type.name} has ${member}`), ...interfaces(type, agreed), ...fields(type, agreed)];
}

/** Interfaces must be the same; those of the contract that are not served yet aside. */
function interfaces(type: GraphQLNamedType, agreed: GraphQLNamedType): string[] {
  if (!(isObjectType(type) || isInterfaceType(type)) || !(isObjectType(agreed) || isInterfaceType(agreed))) return [];
  const names = (of: typeof type) => of.getInterfaces().map(({ name }) => name);
  return names(type).sort().join() === names(agreed).sort().join() ? [] : [`${type.name} implements ${names(type)}`];
}

function fields(type: GraphQLNamedType, agreed: GraphQLNamedType): string[] {
  if (isInputObjectType(type) && isInputObjectType(agreed)) {
    return inputs(type.name, Object.values(type.getFields()), Object.values(agreed.getFields()));
  }
  if (!(isObjectType(type) || isInterfaceType(type)) || !(isObjectType(agreed) || isInterfaceType(agreed))) return [];
  return Object.values(type.getFields()).flatMap(field => {
    const coordinate = `${type.name}.${field.name}`;
    const same = agreed.getFields()[field.name];
    if (!same) return additions.has(coordinate) ? [] : [`${coordinate} is not in the contract`];
    const found = `${field.type}` === `${same.type}` ? [] : [`${coordinate} is ${field.type}, agreed ${same.type}`];
    return [...found, ...inputs(coordinate, field.args, same.args)];
  });
}

type Input = GraphQLArgument | GraphQLInputField;

/** Whatever the contract requires must be there; what is there must be as agreed. */
function inputs(of: string, actual: readonly Input[], agreed: readonly Input[]): string[] {
  const written = (input: Input) =>
    `${input.type}${input.defaultValue === undefined ? '' : ` = ${print(astFromValue(input.defaultValue, input.type)!)}`}`;
  const missing = agreed
    .filter(input => `${input.type}`.endsWith('!') && input.defaultValue === undefined)
    .filter(input => !actual.some(({ name }) => name === input.name));
  return [
    ...missing.map(input => `${of} lacks ${input.name}`),
    ...actual.flatMap(input => {
      const coordinate = `${of}(${input.name})`;
      const same = agreed.find(({ name }) => name === input.name);
      if (!same) return additions.has(coordinate) ? [] : [`${coordinate} is not in the contract`];
      return written(input) === written(same) ? [] : [`${coordinate} is ${written(input)}, agreed ${written(same)}`];
    }),
  ];
}

function described(type: GraphQLNamedType): [coordinate: string, description: string | null | undefined][] {
  const own: [string, string | null | undefined] = [type.name, type.description];
  if (isEnumType(type)) {
    return [
      own,
      ...type.getValues().map(({ name, description }) => [`${type.name}.${name}`, description] as typeof own),
    ];
  }
  if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type)) {
    return [
      own,
      ...Object.values(type.getFields()).flatMap(field => [
        [`${type.name}.${field.name}`, field.description] as typeof own,
        ...('args' in field ? (field.args as readonly GraphQLArgument[]) : []).map(
          arg => [`${type.name}.${field.name}(${arg.name})`, arg.description] as typeof own,
        ),
      ]),
    ];
  }
  return [own];
}
