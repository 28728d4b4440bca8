import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../wire/backend-error.ts';
import type { BackendErrorCode } from '../wire/plan.ts';

/** The HTTP status of every code. Codes that only appear in frames are answered like the server's own faults. */
const statuses: Readonly<Record<BackendErrorCode, number>> = {
  malformed: 400,
  plan_invalid: 400,
  unauthorized: 401,
  not_found: 404,
  checkpoint_unknown: 404,
  method_not_allowed: 405,
  timeout: 408,
  boot_changed: 409,
  length_required: 411,
  too_large: 413,
  queue_full: 429,
  model_failed: 500,
  cancelled: 500,
  internal: 500,
  not_ready: 503,
  stopping: 503,
};

/** After one of these, the same request may succeed later or elsewhere. */
const retryableCodes: ReadonlySet<BackendErrorCode> = new Set([
  'boot_changed',
  'queue_full',
  'not_ready',
  'stopping',
  'timeout',
  'internal',
]);

/** A request that is not served: becomes the typed JSON answer. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: BackendErrorCode;
  /** For the metrics: a word, never anything the client sent. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  readonly allow: string | undefined;

  /** @param detail `reason` where the code alone does not tell, `allow` for the methods of a 405 */
  constructor(
    code: BackendErrorCode,
    message: string,
    detail: { reason?: string; retryAfterMs?: number; allow?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = detail.reason ?? code;
    this.retryAfterMs = detail.retryAfterMs;
    this.allow = detail.allow;
  }

  get status(): number {
    return statuses[this.code];
  }

  get body(): Refusal {
    return {
      code: this.code,
      message: this.message,
      retryable: isRetryable(this.code),
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
    };
  }

  get headers(): Record<string, string> {
    return {
      // Retry-After counts whole seconds.
      ...(this.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(this.retryAfterMs / 1000)) }),
      ...(this.allow !== undefined && { allow: this.allow }),
      ...(this.status === 401 && { 'www-authenticate': 'Darkroom-HMAC-SHA256' }),
    };
  }
}

export function isRetryable(code: BackendErrorCode): boolean {
  return retryableCodes.has(code);
}

/** How much of a refused request's body is read away, in bytes and milliseconds, so that its sender sees the answer. */
const linger = { bytes: 1024 * 1024, milliseconds: 2000 };

/**
 * Answers with the refusal. A body that is still arriving is neither kept nor read to its end: closing on a sender at
 * once would reset the connection before it has seen the answer, so a little of it is read away first.
 */
export function sendRefusal(request: IncomingMessage, response: ServerResponse, refused: RequestRefused): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(refused.body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...refused.headers,
  };
  if (request.complete || !expectsBody(request)) {
    response.writeHead(refused.status, headers).end(body);
    return;
  }
  response.writeHead(refused.status, { ...headers, connection: 'close' }).write(body);
  let bytes = 0;
  const close = () => response.end();
  const timer = setTimeout(() => response.destroy(), linger.milliseconds);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > linger.bytes) response.destroy();
  });
  request.once('end', close).once('error', close);
  response.once('close', () => clearTimeout(timer));
}

function expectsBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}
