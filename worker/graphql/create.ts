import { createYoga } from 'graphql-yoga';
import type { ResolverContext } from '../../schema/builder.ts';
import type { Services } from '../../schema/context.ts';
import { newBudgets } from '../../schema/request-budget.ts';
import { schema } from '../../schema/schema.ts';
import { useBadRequestAnswers } from './bad-request.ts';
import { DocumentCache } from './document-cache.ts';
import { unbuffered, useEvents } from './events.ts';
import { findingOnce } from './finding-once.ts';
import { QUERY_LIMITS, type QueryLimits } from './limits/limits.ts';
import { useQueryLimits } from './limits/plugin.ts';
import { type FaultLogger, logFault } from './log.ts';
import { errorMask } from './mask-error.ts';
import { useMultipart } from './multipart.ts';

export interface GraphQLOptions {
  readonly logger: FaultLogger;
  readonly limits?: QueryLimits;
}

/** Answers a GraphQL request, however it ends; never rejects. */
export type GraphQLHandler = (request: Request, services: Services) => Promise<Response>;

/**
 * The GraphQL endpoint. Made once; the services, which belong to one request, come with each.
 *
 * CORS, the Host header, content types, the body's size and GraphiQL's page are the entry's business: Yoga's own are off.
 *
 * @example
 * const graphql = createGraphQL({ logger });
 * return graphql(request, services);
 */
export function createGraphQL(options: GraphQLOptions): GraphQLHandler {
  const limits = options.limits ?? QUERY_LIMITS;
  const contextOf = ({ edge }: ServerContext): ResolverContext => ({
    services: findingOnce(edge),
    ...newBudgets(limits),
    reportFault: (fault, path) => void logFault(options.logger, fault, path),
  });
  const yoga = createYoga<ServerContext, ResolverContext>({
    schema,
    context: contextOf,
    plugins: [useMultipart(), useQueryLimits(limits), useBadRequestAnswers(), useEvents(contextOf)],
    maskedErrors: { maskError: errorMask(options.logger) },
    // The entry has read the body, bounded.
    maxRequestBodySize: false,
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: new DocumentCache() },
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    // Faults are logged by the error mask, once and with their id; Yoga's own log would repeat them with the query.
    logging: false,
  });
  return async (request, services) => unbuffered(await yoga.fetch(request, { edge: services }));
}

/** What comes with a request: the services, which remember nothing. Each response has its own that do. */
interface ServerContext {
  readonly edge: Services;
}
