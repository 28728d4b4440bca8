/** What a server's answer says: data, or one of the SDK's errors. */
import { type DarkroomError, InputError, PromptError, ProtocolError, RequestError, RetryLaterError } from './errors.ts';
import type { RefusalFragment } from './generated.ts';
import type { ErrorCode } from './types.ts';

/** An error beside the data, as GraphQL has it. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: ErrorCode;
    readonly retryAfterMs?: number;
    readonly errorId?: string;
  };
}

export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

/**
 * The JSON of an answer.
 * @param text the body
 * @throws ProtocolError where that is no answer of GraphQL
 */
export function readAnswer(text: string, status: number): GraphqlAnswer {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = null;
  }
  if (isAnswer(answer)) return answer;
  const begin = text.slice(0, 100).trim();
  throw new ProtocolError(
    `The server answered ${status} with ${begin === '' ? 'nothing' : JSON.stringify(begin)}, expected an answer of GraphQL. Is its address that of a Darkroom?`,
    status,
  );
}

function isAnswer(value: unknown): value is GraphqlAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { data, errors } = value as { data?: unknown; errors?: unknown };
  const told = Array.isArray(errors) && errors.length > 0 && typeof errors[0]?.message === 'string';
  return told || (typeof data === 'object' && data !== null);
}

/**
 * What was asked for. A field deep inside that could not be answered is null, as the schema says that it may be; where a
 * root field was not answered, its error is thrown.
 *
 * @throws DarkroomError
 */
export function dataOf<Data>({ data, errors }: GraphqlAnswer, status: number): Data {
  const fatal = errors?.find(({ path }) => !data || path === undefined || data[String(path[0])] === null);
  if (fatal) throw errorOf(fatal);
  if (!data) throw new ProtocolError('The server answered without data', status);
  return data as Data;
}

function errorOf({ message, extensions: { code, retryAfterMs, errorId } = {} }: GraphqlError): DarkroomError {
  if (retryAfterMs != null) return new RetryLaterError(code ?? 'BACKEND_UNAVAILABLE', message, retryAfterMs);
  if (code === 'INPUT_INVALID') return new InputError(code, message, [{ path: [], message }]);
  return new RequestError(code ?? 'INTERNAL', message, errorId ?? null);
}

/** A member of a result union. */
export interface Answered {
  readonly __typename: string;
}

/** What is no refusal. */
export type Success<R extends Answered> = Exclude<R, RefusalFragment>;

/**
 * The success of a result union.
 * @throws PromptError, InputError, RetryLaterError, RequestError for the others
 */
export function successOf<R extends Answered>(result: R | null): Success<R> {
  if (result === null) throw new RequestError('INTERNAL', 'The server answered with nothing');
  if (isRefusal(result)) throw refusalOf(result);
  return result as Success<R>;
}

/** Types of errors that a later version of the server has are refusals, too: they have a code and a message. */
function isRefusal(result: Answered): result is RefusalFragment {
  return result.__typename.endsWith('Error');
}

function refusalOf(refusal: RefusalFragment): DarkroomError {
  const { code, message } = refusal;
  switch (refusal.__typename) {
    case 'PromptError':
      return new PromptError(code, message, refusal.report);
    case 'InputError':
      return new InputError(code, message, refusal.issues);
    case 'RetryLaterError':
      return new RetryLaterError(code, message, refusal.retryAfterMs);
    default:
      return new RequestError(code, message);
  }
}
