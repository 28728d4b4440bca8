/** Errors as the published clients read them: `{ error: { message, type, param, code } }`. */
import { type Fault, retryHeaders } from '../fault.ts';

/** Codes that programs know from elsewhere; the others are this server's own, in lower case. */
const known: Readonly<Partial<Record<Fault['code'], string>>> = {
  PROMPT_REFUSED: 'content_policy_violation',
  UNAUTHENTICATED: 'invalid_api_key',
  QUOTA_EXCEEDED: 'insufficient_quota',
  RATE_LIMITED: 'rate_limit_exceeded',
};

export interface OpenaiError {
  readonly message: string;
  readonly type: string;
  /** The field that is at fault, the first of several. */
  readonly param: string | null;
  readonly code: string;
}

export function openaiError({ status, code, message, issues }: Fault): OpenaiError {
  const param = issues[0]?.field || null;
  const isModel = code === 'NOT_FOUND' && param === 'model';
  return {
    message,
    type: typeOf(status),
    param,
    code: isModel ? 'model_not_found' : (known[code] ?? code.toLowerCase()),
  };
}

export function openaiErrorResponse(fault: Fault, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(
    { error: openaiError(fault) },
    { status: fault.status, headers: { ...headers, ...retryHeaders(fault) } },
  );
}

function typeOf(status: number): string {
  if (status >= 500) return 'server_error';
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error';
}
