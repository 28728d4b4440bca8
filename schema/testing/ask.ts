import { type ExecutionResult, graphql } from 'graphql';
import type { Services } from '../context.ts';
import { InlineImageBudget } from '../inline-image-budget.ts';
import { schema } from '../schema.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of every shape
type Answer = ExecutionResult<any>;

/** Runs a query against the schema alone: no HTTP, no limits on queries, no masking of errors. */
export async function ask(
  services: Services,
  source: string,
  variableValues: Record<string, unknown> = {},
): Promise<Answer> {
  const contextValue = { services, inlineImages: new InlineImageBudget(10) };
  const result = await graphql({ schema, source, variableValues, contextValue });
  // GraphQL's objects have no prototype, which no literal of a test equals.
  return { ...result, ...(result.data && { data: JSON.parse(JSON.stringify(result.data)) }) };
}
