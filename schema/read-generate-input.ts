import { coerceInputValue, type GraphQLInputType } from 'graphql';
import type { InputIssue } from './context.ts';
import { InputError } from './errors.ts';
import type { GenerateInput } from './generate-input.ts';
import { schema } from './schema.ts';

const type = schema.getType('GenerateInput') as GraphQLInputType;

/**
 * A `GenerateInput` of values that came another way than as GraphQL's variables, held to the same types.
 * @throws InputError with everything that is of another type
 */
export function readGenerateInput(values: Readonly<Partial<Record<keyof GenerateInput, unknown>>>): GenerateInput {
  const issues: InputIssue[] = [];
  const input = coerceInputValue(values, type, (path, _, { message }) => {
    const name = String(path[0]);
    const named = message.startsWith(`${name} `) ? message : `${name}: ${message}`;
    issues.push({ path: ['input', ...path.map(String)], message: named });
  });
  if (issues.length > 0) throw new InputError(issues);
  return input as GenerateInput;
}
