import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import type { SchemaContext } from './context.ts';
import type { Budgets } from './request-budget.ts';

/** What resolvers are given: the services, and what one request may still use up. */
export interface ResolverContext extends SchemaContext, Budgets {
  /** Logs a fault that the caller is spared, because what was asked for was done all the same. */
  readonly reportFault: (fault: unknown, path: string) => void;
}

/**
 * Fields are non-null unless they say otherwise; root fields say otherwise, so that one failing field never takes its
 * neighbours along. The errors plugin comes first: it must see what every later plugin throws.
 */
export const builder = new SchemaBuilder<{
  Context: ResolverContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: string; Output: string };
    Seed: { Input: number; Output: number };
    Upload: { Input: Blob; Output: never };
  };
}>({
  plugins: [ErrorsPlugin],
  defaultFieldNullability: false,
  errors: { defaultTypes: [], directResult: true },
});

export type Types = typeof builder.$inferSchemaTypes;

builder.queryType({ description: 'What can be read. Nothing here changes anything.' });
builder.mutationType({ description: 'What changes something. Only by POST.' });
builder.subscriptionType({
  description: 'What goes on telling: a stream of server-sent events, by GET or POST with `Accept: text/event-stream`.',
});
