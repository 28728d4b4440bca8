import { type ExecutionResult, graphql, parse, subscribe, validate } from 'graphql';
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
  const contextValue = contextOf(services, reportFault);
  return plain(await graphql({ schema, source, variableValues, contextValue }));
}

/**
 * Subscribes to the schema alone.
 * @throws Error where the answer is no stream
 */
export async function listen(
  services: Services,
  source: string,
  variableValues: Record<string, unknown> = {},
  reportFault: ResolverContext['reportFault'] = () => undefined,
): Promise<AsyncIterableIterator<Answer>> {
  const document = parse(source);
  const faults = validate(schema, document);
  if (faults.length > 0) throw faults[0];
  const contextValue = contextOf(services, reportFault);
  const events = await subscribe({ schema, document, variableValues, contextValue });
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  return (async function* () {
    for await (const event of events) yield plain(event);
  })();
}

function contextOf(services: Services, reportFault: ResolverContext['reportFault']): ResolverContext {
  return {
    services,
    ...newBudgets({ inlineImages: 10, decodings: 3, interpolations: 64, searches: 2, pictures: 1, embeddings: 1 }),
    reportFault,
  };
}

/** GraphQL's objects have no prototype, which no literal of a test equals. */
function plain(result: ExecutionResult): Answer {
  return { ...result, ...(result.data && { data: JSON.parse(JSON.stringify(result.data)) }) };
}
