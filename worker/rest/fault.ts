/** What goes wrong while a request of another interface than GraphQL is answered, before it has that interface's form. */
import { type ErrorCode, type GenerationState, type InputIssue, RetryLater } from '../../schema/context.ts';
import { CheckpointNotFound, InputError, PromptError, RequestError } from '../../schema/errors.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { FieldNames } from './field-names.ts';

export interface Fault {
  /** Of HTTP. */
  readonly status: number;
  readonly code: ErrorCode | 'CANCELLED';
  /** For people. */
  readonly message: string;
  /** By the names of the fields that the caller has sent; empty where no field is at fault. */
  readonly issues: readonly { readonly field: string; readonly message: string }[];
  /** When the same request may succeed; null where that is not known. */
  readonly retryAfterMs: number | null;
  /** Whether the same request may succeed at all. */
  readonly retryable: boolean;
}

/** A request that cannot even be read, or to an address that there is not. */
export class Unanswerable extends Error {
  override readonly name = 'Unanswerable';
  readonly status: number;
  readonly code: ErrorCode;
  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A generation that has ended without its pictures. */
export class EndedWithout extends Error {
  override readonly name = 'EndedWithout';
  /** Null: it was deleted meanwhile. */
  readonly state: GenerationState | null;
  constructor(state: GenerationState | null) {
    super(messageOf(state));
    this.state = state;
  }
}

function messageOf(state: GenerationState | null): string {
  if (state === null) return 'The generation was deleted before its end';
  return state.failure?.message ?? 'The generation was cancelled before its end';
}

const statuses: Readonly<Record<Fault['code'], number>> = {
  PROMPT_INVALID: 400,
  PROMPT_REFUSED: 400,
  INPUT_INVALID: 400,
  UNSUPPORTED: 400,
  TOO_COMPLEX: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  IDEMPOTENCY_CONFLICT: 409,
  CANCELLED: 409,
  QUOTA_EXCEEDED: 429,
  RATE_LIMITED: 429,
  MODEL_FAILED: 500,
  INTERNAL: 500,
  QUEUE_FULL: 503,
  BACKEND_UNAVAILABLE: 503,
};

/**
 * Logs what nobody foresaw.
 * @param names what the caller's interface calls the fields of `GenerateInput`
 * @param where for the log
 */
export function faultOf(error: unknown, names: FieldNames, where: string): Fault {
  if (error instanceof InputError)
    return fault(error.code, { issues: error.issues.map(issue => renamed(issue, names)) });
  if (error instanceof PromptError) {
    return fault(error.code, { issues: error.report.errors.map(issue => renamed(issue, names)) });
  }
  if (error instanceof RequestError) {
    const { code, message } = error;
    const field = error instanceof CheckpointNotFound ? names.checkpoint : undefined;
    return fault(code, { message, issues: field === undefined ? [] : [{ field, message }] });
  }
  if (error instanceof RetryLater) {
    const { code, message, retryAfterMs } = error;
    return fault(code, { message, retryAfterMs, retryable: true });
  }
  if (error instanceof EndedWithout) {
    const { failure } = error.state ?? {};
    const code = failure?.code ?? (error.state ? 'CANCELLED' : 'NOT_FOUND');
    return fault(code, { message: error.message, retryable: failure?.retryable ?? false });
  }
  if (error instanceof Unanswerable) {
    return { ...fault(error.code, { message: error.message }), status: error.status };
  }
  const errorId = logUnexpected(error, where);
  return fault('INTERNAL', { message: `Unexpected error. Ask about it by its id ${errorId}`, retryable: true });
}

function fault(code: Fault['code'], known: Partial<Omit<Fault, 'status' | 'code'>>): Fault {
  const { issues = [], retryAfterMs = null, retryable = false } = known;
  const message = known.message ?? issues.map(issue => issue.message).join('; ');
  return { status: statuses[code], code, message, issues, retryAfterMs, retryable };
}

/** Says when to ask again, and whether at all, as the published clients read it. */
export function retryHeaders({ retryAfterMs, retryable }: Fault): Record<string, string> {
  const headers = { 'X-Should-Retry': String(retryable) };
  if (retryAfterMs === null) return headers;
  return {
    ...headers,
    'Retry-After': String(Math.ceil(retryAfterMs / 1000)),
    'Retry-After-Ms': String(Math.ceil(retryAfterMs)),
  };
}

/** What begins with `input` is of `GenerateInput`, under its names; else the caller's own field is named already. */
function renamed({ path, message }: InputIssue, names: FieldNames): Fault['issues'][number] {
  const [root, own = ''] = path;
  const field = (root === 'input' && names[own as keyof FieldNames]) || own;
  // Messages begin with the name of what they are about.
  return { field, message: message.startsWith(own) ? field + message.slice(own.length) : message };
}
