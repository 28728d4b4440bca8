import { GraphQLError } from 'graphql';
import { RetryLater } from '../../schema/context.ts';
import { InputError, PromptError, RequestError } from '../../schema/errors.ts';
import { type FaultLogger, logFault } from './log.ts';

/**
 * What a caller may see of an error: refusals with their code, GraphQL's own errors as they are, and of everything else
 * an id to ask the operator about.
 */
export function errorMask(logger: FaultLogger): (error: unknown) => GraphQLError {
  return error => {
    const cause = causeOf(error);
    if (cause instanceof RetryLater) return answer(error, cause, { retryAfterMs: cause.retryAfterMs });
    if (cause instanceof InputError || cause instanceof PromptError || cause instanceof RequestError) {
      return answer(error, cause, {});
    }
    if (cause instanceof GraphQLError) return cause === error ? cause : (error as GraphQLError);
    return fault(error, cause, logger);
  };
}

/** GraphQL wraps what resolvers throw, sometimes more than once. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function answer(
  error: unknown,
  cause: RetryLater | InputError | PromptError | RequestError,
  more: Readonly<Record<string, unknown>>,
): GraphQLError {
  return new GraphQLError(cause.message, { ...where(error), extensions: { code: cause.code, ...more } });
}

function fault(error: unknown, cause: unknown, logger: FaultLogger): GraphQLError {
  const errorId = logFault(logger, cause, error instanceof GraphQLError ? (error.path?.join('.') ?? null) : null);
  return new GraphQLError(`Unexpected error. The server's log has it as ${errorId}.`, {
    ...where(error),
    // Yoga answers 500 by `unexpected` where there is no data, and takes it out of the response.
    extensions: { code: 'INTERNAL', errorId, unexpected: true },
  });
}

/** Path and place in the document, as far as they are known. */
function where(error: unknown) {
  if (!(error instanceof GraphQLError)) return {};
  return { nodes: error.nodes ?? null, path: error.path ?? null };
}
