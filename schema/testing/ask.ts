import { type ExecutionResult, graphql } from 'graphql';
import type { ResolverContext } from '../builder.ts';
import type { Services } from '../context.ts';
import { newBudgets } from '../request-budget.ts';
import { schema } from '../schema.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of every shape
type Answer = ExecutionResult<any>;

/** Runs a query against the schema alone: no HTTP, no limits on queries, no masking of errors. */
export async function ask(
  services: Services,
  source: string,
  variableValues: Record<string, unknown> = {},
  reportFault: ResolverContext['reportFault'] = () => undefined,
): Promise<Answer> {
  const contextValue: ResolverContext = {
    services,
    ...newBudgets({ inlineImages: 10, decodings: 3, searches: 2, pictures: 1 }),
    reportFault,
  };
  const result = await graphql({ schema, source, variableValues, contextValue });
  // GraphQL's objects have no prototype, which no literal of a test equals.
  return { ...result, ...(result.data && { data: JSON.parse(JSON.stringify(result.data)) }) };
}
