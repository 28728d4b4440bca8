import { type ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { ERROR_CODES } from '../../schema/error-types.ts';
import { takesOnlyEvents } from './accept.ts';

/**
 * Speaks of malformed requests in the contract's words. Yoga and graphql-js have codes of their own for what does not
 * parse, validate or coerce; to a caller all of it is INPUT_INVALID.
 *
 * And such a request is answered 400, except where that would be of no use: to a caller that names `application/json` and
 * nothing newer in `Accept` the GraphQL over HTTP specification wants 200; and a browser's EventSource shows nothing of an
 * answer that is not 200, so that what is wrong comes as the only event of a stream.
 */
export function useBadRequestAnswers(): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      if (isAsyncIterable<ExecutionResult>(result)) {
        setResult(mapAsyncIterator(result, event => inOurWords(event, true)));
      } else if (!Array.isArray(result)) {
        const accept = request.headers.get('accept');
        setResult(inOurWords(result as ExecutionResult, namesJson(accept) || takesOnlyEvents(accept)));
      }
    },
  };
}

/** @param always200 whether the caller wants to be answered 200 whatever there is to say */
function inOurWords(result: ExecutionResult, always200: boolean): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map(error => spoken(error, always200)) } : result;
}

/** Never changes the error itself: parse and validation errors are cached and come again. */
function spoken(error: GraphQLError, always200: boolean): GraphQLError {
  const { code, http, ...rest } = error.extensions as Extensions;
  const extensions = {
    ...rest,
    code: code !== undefined && ERROR_CODES.has(code) ? code : 'INPUT_INVALID',
    ...(http && { http: always200 ? http : { ...http, spec: false } }),
  };
  const { message, nodes, source, positions, path, originalError } = error;
  return new GraphQLError(shortened(message), {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
  });
}

interface Extensions {
  readonly code?: string;
  readonly http?: { readonly spec?: boolean; readonly status?: number; readonly headers?: Record<string, string> };
}

function namesJson(accept: string | null): boolean {
  return accept?.includes('application/json') ?? false;
}

/** Messages of graphql-js quote values in full. */
function shortened(message: string): string {
  return message.length > MOST_MESSAGE_CHARACTERS ? `${message.slice(0, MOST_MESSAGE_CHARACTERS)}…` : message;
}

const MOST_MESSAGE_CHARACTERS = 1_000;
