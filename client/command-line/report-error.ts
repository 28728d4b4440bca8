/** What went wrong, in words, as JSON and as an exit code. */
import { type DarkroomError, type InputIssue, isDarkroomError } from '../sdk/index.ts';
import { FileError, Interruption, NoServerError, UsageError } from './troubles.ts';

export interface ErrorReport {
  readonly exitCode: number;
  /** Lines for people. */
  readonly text: string;
  readonly error: Readonly<Record<string, unknown>> & { readonly kind: string; readonly message: string };
}

export function reportOf(error: unknown): ErrorReport {
  if (isDarkroomError(error)) {
    const { kind, code, message } = error;
    return { exitCode: exitCodeOf(error), text: lines(error), error: { kind, code, message, ...detailsOf(error) } };
  }
  if (error instanceof UsageError) return plain('usage', 2, error.message);
  if (error instanceof NoServerError) return plain('no-server', 3, error.message);
  if (error instanceof FileError) return plain('file', 1, error.message);
  if (error instanceof Interruption) return plain('interrupted', 130, error.message);
  return plain('unexpected', 1, `This should not have happened: ${error instanceof Error ? error.message : error}`);
}

function plain(kind: string, exitCode: number, message: string): ErrorReport {
  return { exitCode, text: message, error: { kind, code: null, message } };
}

function exitCodeOf(error: DarkroomError): number {
  switch (error.kind) {
    case 'connection':
    case 'retry-later':
      return 3;
    case 'prompt':
    case 'input':
      return 4;
    case 'request':
      return error.code === 'INTERNAL' || error.code === 'MODEL_FAILED' ? 1 : 4;
    default:
      return 1;
  }
}

/** What an error tells beside its message. */
function detailsOf(error: DarkroomError): object {
  switch (error.kind) {
    case 'prompt':
      return { report: error.report };
    case 'input':
      return { issues: error.issues };
    case 'retry-later':
      return { retryAfterMs: error.retryAfterMs };
    case 'request':
      return error.errorId === null ? {} : { errorId: error.errorId };
    case 'failed':
      return { stage: error.stage, retryable: error.retryable, generation: error.generation };
    case 'cancelled':
      return { generation: error.generation };
    case 'protocol':
      return { status: error.status };
    default:
      return {};
  }
}

function lines(error: DarkroomError): string {
  switch (error.kind) {
    case 'prompt':
      return withIssues(error.message, error.report.errors);
    case 'input':
      return withIssues(error.message, error.issues);
    case 'retry-later':
      return `${error.message}\nTry again in ${Math.ceil(error.retryAfterMs / 1000)} s`;
    case 'failed':
      return `${error.message}${error.retryable ? '\nThe same may well succeed another time' : ''}`;
    case 'connection':
      return `${error.message}: start one with "npm start", or name another with --url`;
    default:
      return error.message;
  }
}

/** What the message says already is not said again. */
function withIssues(message: string, issues: readonly InputIssue[]): string {
  const more = issues
    .filter(issue => !message.includes(issue.message))
    .map(({ path, message }) => `  ${path.filter(part => part !== 'input').join('.')}: ${message}`);
  return [message, ...more].join('\n');
}
