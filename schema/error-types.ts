import { builder } from './builder.ts';
import { type ErrorCode, RetryLater } from './context.ts';
import { InputError, PromptError, RequestError } from './errors.ts';
import { InputIssueType } from './input-issue.ts';
import { PromptReportType } from './prompt-report.ts';

const meanings: Record<ErrorCode, string> = {
  PROMPT_INVALID: 'The prompt cannot be used as it is: empty, too long, or with characters that are no text.',
  PROMPT_REFUSED: 'The prompt has words that this server does not accept.',
  INPUT_INVALID: 'A value is out of range or malformed; the message names it and its limit.',
  UNAUTHENTICATED: 'The request needs an API key and has none that is known.',
  FORBIDDEN: 'The API key may not do this.',
  NOT_FOUND: 'What was named does not exist.',
  UNSUPPORTED: 'The checkpoint lacks the part that was asked for.',
  QUOTA_EXCEEDED: 'The API key has no work left until its quota is renewed.',
  RATE_LIMITED: 'Too many requests in too short a time.',
  QUEUE_FULL: 'Too much work is waiting.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key was used before, with another input.',
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
  description: 'QUOTA_EXCEEDED, RATE_LIMITED, QUEUE_FULL, BACKEND_UNAVAILABLE: the same request may succeed later.',
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
