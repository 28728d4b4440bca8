/**
 * Writes `client/sdk/generated.ts`: the types of the SDK's own operations, from the schema's snapshot and
 * `client/sdk/documents/`, and the operations as texts. `npm run sdk:types`; a test fails where the file is not up to date.
 */
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import {
  buildSchema,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from 'graphql';

const root = join(import.meta.dirname, '..');
export const generatedFile = join(root, 'client/sdk/generated.ts');

/** What GraphQL's own scalars and ours are in TypeScript: what comes back, and what may be sent. */
const scalars = {
  ID: 'string',
  DateTime: 'string',
  Seed: { input: 'number | bigint | string', output: 'number' },
  Upload: 'Blob',
  ImageInput: { input: 'Picture', output: 'never' },
};

/** The text of `client/sdk/generated.ts`. */
export async function sdkTypes(): Promise<string> {
  const schema = buildSchema(withPictures(await readFile(join(root, 'schema/schema.graphql'), 'utf8')));
  const documents: { location: string; document: DocumentNode }[] = [];
  const names: string[] = [];
  for await (const name of glob('client/sdk/documents/*.graphql', { cwd: root })) names.push(name);
  for (const location of names.sort()) {
    documents.push({ location, document: parse(await readFile(join(root, location), 'utf8')) });
  }
  const types = await codegen({
    filename: generatedFile,
    schema: parse('scalar Unused'),
    schemaAst: schema,
    documents,
    config: {},
    plugins: [
      {
        operations: {
          scalars,
          strictScalars: true,
          enumsAsTypes: true,
          skipTypename: true,
          immutableTypes: true,
          inlineFragmentTypes: 'combine',
          avoidOptionals: { field: true },
        },
      },
    ],
    pluginMap: { operations: operationTypes },
  });
  return `// Written by \`npm run sdk:types\` from schema/schema.graphql and client/sdk/documents/: do not edit.
import type { TypedDocument } from './document.ts';
import type { Picture } from './pictures.ts';

${types}

${texts(documents.map(({ document }) => document))}`;
}

/** An `ImageInput` of the schema is what the SDK makes of a `Picture`. */
function withPictures(schema: string): string {
  return print(
    visit(parse(schema), {
      InputObjectTypeDefinition: node =>
        node.name.value === 'ImageInput' ? { kind: Kind.SCALAR_TYPE_DEFINITION, name: node.name } : undefined,
    }),
  );
}

/** Every operation with the fragments that it needs, as short as can be. */
function texts(documents: readonly DocumentNode[]): string {
  const definitions = documents.flatMap(document => document.definitions);
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const constants = [...fragments].map(
    ([name, fragment]) => `const ${name}Fragment = ${quoted(stripIgnoredCharacters(print(fragment)))};`,
  );
  for (const operation of operations) {
    const name = operation.name!.value;
    const kind = operation.operation[0]!.toUpperCase() + operation.operation.slice(1);
    const needed = [...fragments.keys()].filter(fragment => needs(operation, fragments).has(fragment));
    const text = [
      quoted(stripIgnoredCharacters(print(operation))),
      ...needed.map(fragment => `${fragment}Fragment`),
    ].join(' + ');
    constants.push(
      `export const ${name}Document = (${text}) as TypedDocument<${name}${kind}, ${name}${kind}Variables>;`,
    );
  }
  return `${constants.join('\n')}\n`;
}

function needs(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<string>(),
): Set<string> {
  visit(node, {
    FragmentSpread({ name: { value } }) {
      if (found.has(value)) return;
      found.add(value);
      needs(fragments.get(value)!, fragments, found);
    },
  });
  return found;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

const help = `npm run sdk:types

Writes client/sdk/generated.ts: the types and texts of the operations in client/sdk/documents/, from schema/schema.graphql.`;

if (import.meta.main) {
  if (process.argv.some(argument => argument === '--help' || argument === '-h')) console.log(help);
  else await writeFile(generatedFile, await sdkTypes());
}
