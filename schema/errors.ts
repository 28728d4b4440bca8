import type { ErrorCode, InputIssue, PromptReport } from './context.ts';

/*
 * The refusals that resolvers throw. In result unions each becomes the contract's type of its name; elsewhere a GraphQL
 * error with `extensions.code`. `RetryLater`, which services throw too, lives beside them in context.ts.
 */

/** Values out of range or malformed: every one of them, not only the first. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code: ErrorCode = 'INPUT_INVALID';
  readonly issues: readonly InputIssue[];
  constructor(issues: readonly InputIssue[]) {
    super(issues.map(issue => issue.message).join('; '));
    this.issues = issues;
  }
}

/** A prompt that is not accepted; its report says why. */
export class PromptError extends Error {
  override readonly name = 'PromptError';
  readonly code: ErrorCode;
  readonly report: PromptReport;
  constructor(report: PromptReport) {
    super(report.errors.map(issue => issue.message).join('; '));
    this.code = report.code ?? 'PROMPT_INVALID';
    this.report = report;
  }
}

/** Everything else that the caller can do something about. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A name that is no checkpoint's, or no checkpoint at all. */
export class CheckpointNotFound extends RequestError {
  constructor(message: string) {
    super('NOT_FOUND', message);
  }
}
