/** A recipe in the languages that programs ask in. */
import type { Recipe } from './recipe.ts';

export type Language = 'graphql' | 'curl' | 'sdk';

/** @param origin of the server */
export function write(language: Language, recipe: Recipe, origin: string): string {
  switch (language) {
    case 'graphql':
      return graphql(recipe);
    case 'curl':
      return curl(recipe, origin);
    case 'sdk':
      return sdk(recipe, origin);
  }
}

const success = '... on GenerateSuccess { generation { id status images { url } failure { code message } } }';
const failure = '... on Error { code message }';

function graphql(recipe: Recipe): string {
  return `mutation {
  generate(input: ${literal({ ...recipe, wait: 60_000 }, '  ')}) {
    ${success}
    ${failure}
  }
}`;
}

function curl(recipe: Recipe, origin: string): string {
  const query = `mutation ($input: GenerateInput!) { generate(input: $input) { ${success} ${failure} } }`;
  const body = JSON.stringify({ query, variables: { input: { ...recipe, wait: 60_000 } } });
  // Within single quotes a shell leaves everything alone but the single quote.
  const quoted = body.replaceAll("'", `'\\''`);
  return `curl -sS ${origin}/graphql -H 'content-type: application/json' -d '${quoted}'`;
}

function sdk(recipe: Recipe, origin: string): string {
  const input = JSON.stringify(recipe, null, 2).replace(/^(\s*)"([A-Za-z]+)":/gm, '$1$2:');
  return `import { Darkroom } from 'darkroom-client';

const darkroom = new Darkroom({ url: '${origin}' });
const { images } = await darkroom.generate(${input});
console.log(images[0].url);`;
}

/** Of these fields the values are names, not texts. */
const enums = ['scheduler', 'reuse'];

function literal(value: unknown, indent: string, name = ''): string {
  if (typeof value !== 'object' || value === null) return enums.includes(name) ? String(value) : JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([field, inner]) => `${indent}  ${field}: ${literal(inner, `${indent}  `, field)}`,
  );
  return `{\n${fields.join('\n')}\n${indent}}`;
}
