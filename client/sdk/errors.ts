/** What can go wrong, as one union: `kind` tells which, and what else there is to know. */
import type { ErrorCode, Failure, Generation, InputIssue, PromptReport, Stage } from './types.ts';

/**
 * Everything that the SDK throws, aborts and a caller's own mistakes aside.
 *
 * @example
 * const result = await darkroom.generate({ prompt }).result();
 * if (!result.ok) {
 *   switch (result.error.kind) {
 *     case 'prompt': return show(result.error.report.unknownWords);
 *     case 'retry-later': return again(result.error.retryAfterMs);
 *     default: return show(result.error.message);
 *   }
 * }
 */
export type DarkroomError =
  | PromptError
  | InputError
  | RetryLaterError
  | RequestError
  | FailedError
  | CancelledError
  | ConnectionError
  | ProtocolError;

/** Whether something that was caught is one of the SDK's own errors; then `error.kind` tells which. */
export function isDarkroomError(error: unknown): error is DarkroomError {
  return error instanceof Fault;
}

abstract class Fault extends Error {
  abstract readonly kind: string;
  /** What went wrong, for programs; null where it was no server that said so. */
  abstract readonly code: ErrorCode | null;
}

/** The prompt was not accepted; `report` says why. */
export class PromptError extends Fault {
  override readonly name = 'PromptError';
  readonly kind = 'prompt';
  readonly code: ErrorCode;
  readonly report: PromptReport;
  constructor(code: ErrorCode, message: string, report: PromptReport) {
    super(message);
    this.code = code;
    this.report = report;
  }
}

/** Values out of range or malformed: `issues` has all of them. */
export class InputError extends Fault {
  override readonly name = 'InputError';
  readonly kind = 'input';
  readonly code: ErrorCode;
  readonly issues: readonly InputIssue[];
  constructor(code: ErrorCode, message: string, issues: readonly InputIssue[]) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}

const defaultRetryAfterMs = 1000;

/** The same request may succeed later. The SDK has waited and tried again already, as long as its patience lasts. */
export class RetryLaterError extends Fault {
  override readonly name = 'RetryLaterError';
  readonly kind = 'retry-later';
  readonly code: ErrorCode;
  readonly retryAfterMs: number;
  constructor(code: ErrorCode, message: string, retryAfterMs: number) {
    super(message);
    this.code = code;
    // A server that does not say how long does not want to be asked at once.
    this.retryAfterMs = Number.isFinite(retryAfterMs) && retryAfterMs >= 0 ? retryAfterMs : defaultRetryAfterMs;
  }
}

/** All other refusals: what was named does not exist, the checkpoint lacks a part, … */
export class RequestError extends Fault {
  override readonly name = 'RequestError';
  readonly kind = 'request';
  readonly code: ErrorCode;
  /** Of a fault of the server's own: finds it in its log. */
  readonly errorId: string | null;
  constructor(code: ErrorCode, message: string, errorId: string | null = null) {
    super(message);
    this.code = code;
    this.errorId = errorId;
  }
}

/** It was accepted, and failed. Images that were made before are in `generation`. */
export class FailedError extends Fault {
  override readonly name = 'FailedError';
  readonly kind = 'failed';
  readonly code: ErrorCode;
  readonly stage: Stage | null;
  /** Whether the same input may well succeed another time. */
  readonly retryable: boolean;
  /** What failed, as it ended; null for a contact sheet. */
  readonly generation: Generation | null;
  constructor(failure: Failure, generation: Generation | null) {
    super(failure.message);
    this.code = failure.code;
    this.stage = failure.stage;
    this.retryable = failure.retryable;
    this.generation = generation;
  }
}

/** It was stopped or deleted before its end. */
export class CancelledError extends Fault {
  override readonly name = 'CancelledError';
  readonly kind = 'cancelled';
  readonly code = null;
  /** What was stopped, as it ended; null where it is deleted, and for a contact sheet. */
  readonly generation: Generation | null;
  constructor(message: string, generation: Generation | null) {
    super(message);
    this.generation = generation;
  }
}

/** The server was not reached, or hung up. */
export class ConnectionError extends Fault {
  override readonly name = 'ConnectionError';
  readonly kind = 'connection';
  readonly code = null;
}

/** Who answered does not speak as Darkroom does: a proxy's page, another program. */
export class ProtocolError extends Fault {
  override readonly name = 'ProtocolError';
  readonly kind = 'protocol';
  readonly code = null;
  /** The answer's HTTP status. */
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
