import { builder } from './builder.ts';
import { type ErrorCode, RetryLater } from './context.ts';
import { InputError, PromptError, RequestError } from './errors.ts';
import { InputIssueType } from './input-issue.ts';
import { PromptReportType } from './prompt-report.ts';

/** The contract names them all from the start: programs that know them need not change when the server learns more. */
const meanings: Record<ErrorCode, string> = {
  PROMPT_INVALID: 'The prompt cannot be used as it is: empty, too long, or with characters that are no text.',
  PROMPT_REFUSED: 'The prompt has words that this server does not accept.',
  INPUT_INVALID: 'A value is out of range or malformed; the message names it and its limit.',
  UNAUTHENTICATED: 'Kept for API keys, which this version does not ask for.',
  FORBIDDEN:
    'Not for whoever asks: a page of another origin, a request for a host that this server is not, or what somebody still holds.',
  NOT_FOUND: 'What was named does not exist.',
  UNSUPPORTED: 'The checkpoint lacks the part that was asked for.',
  QUOTA_EXCEEDED: 'Kept for quotas, which this version does not have.',
  RATE_LIMITED: 'Kept for rate limits, which this version does not have.',
  QUEUE_FULL: 'Too much work is waiting.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key was used for another input within the last 24 hours.',
  BACKEND_UNAVAILABLE: 'No GPU backend answers.',
  MODEL_FAILED: 'The model ran and gave nothing that can be used, such as NaN.',
  TOO_COMPLEX: 'The query asks for more than one request may.',
  INTERNAL: 'A fault of the server; `errorId` finds it in the server’s log.',
};

export const ERROR_CODES: ReadonlySet<string> = new Set(Object.keys(meanings));

export const ErrorCodeType = builder.enumType('ErrorCode', {
  description: 'What went wrong, for programs.',
  values: Object.fromEntries(
    Object.entries(meanings).map(([code, description]) => [code, { value: code as ErrorCode, description }]),
  ) as Record<ErrorCode, { value: ErrorCode; description: string }>,
});

export const ErrorInterface = builder
  .interfaceRef<{ readonly code: ErrorCode; readonly message: string }>('Error')
  .implement({
    description:
      'Every error type of every result union implements it: `... on Error { code message }` always answers, also for error types of later versions.',
    fields: t => ({
      code: t.field({ type: ErrorCodeType, description: 'What went wrong, for programs.', resolve: e => e.code }),
      message: t.exposeString('message', { description: 'What went wrong, for people. Never holds a secret.' }),
    }),
  });

builder.objectType(InputError, {
  name: 'InputError',
  description: 'Values out of range or malformed: all of them at once.',
  interfaces: [ErrorInterface],
  fields: t => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'Everything that is wrong, not only the first thing.',
      resolve: error => [...error.issues],
    }),
  }),
});

builder.objectType(PromptError, {
  name: 'PromptError',
  description: 'The prompt was not accepted.',
  interfaces: [ErrorInterface],
  fields: t => ({
    report: t.field({
      type: PromptReportType,
      description: 'What the server made of the prompt; its `errors` say why it was not accepted.',
      resolve: error => error.report,
    }),
  }),
});

builder.objectType(RetryLater, {
  name: 'RetryLaterError',
  description: 'QUEUE_FULL, BACKEND_UNAVAILABLE: the same request may succeed later.',
  interfaces: [ErrorInterface],
  fields: t => ({
    retryAfterMs: t.exposeInt('retryAfterMs', {
      description: 'How long to wait before trying again, in milliseconds.',
    }),
  }),
});

builder.objectType(RequestError, {
  name: 'RequestError',
  description: 'All other errors that the caller can do something about.',
  interfaces: [ErrorInterface],
});
