/** One attempt to tell an address that a generation has ended. */
import type { WebhookAttempt } from '../../schema/context.ts';
import { readSecret, sign } from './signature.ts';
import type { WebhookFetch } from './webhook-fetch.ts';

/** As long as a receiver may take that does its work before it answers. */
const answerWithinMs = 15_000;

export interface Delivery {
  readonly url: string;
  /** The same with every attempt: by it a receiver knows what it has had already. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** As WEBHOOK_SECRET has it. */
  readonly secret: string;
  readonly fetch: WebhookFetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Default: 15 s. */
  readonly timeoutMs?: number;
}

/**
 * POSTs it, signed. Never throws for what the receiver or the network does: that is in the attempt's `error`, which the
 * caller of the API may read, so it tells nothing of the server's inside.
 * @throws ConfigurationError for a malformed secret
 */
export async function deliver(delivery: Delivery): Promise<WebhookAttempt> {
  const { url, id, body, fetch, now, timeoutMs = answerWithinMs } = delivery;
  const time = now();
  const timestamp = Math.floor(time / 1_000);
  const signature = await sign(readSecret(delivery.secret), id, timestamp, body);
  const at = new Date(time).toISOString();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Darkroom',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      },
      body,
      // Another address than the one that was checked, and perhaps another owner's.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Nothing in it is of use here, and it may have no end.
    response.body?.cancel().catch(() => {});
    return { at, status: response.status, error: errorOfStatus(response.status) };
  } catch (error) {
    return { at, status: null, error: errorOfConnection(error, timeoutMs) };
  }
}

/** Whether no further attempt is to follow: it was delivered, or the receiver says that it wants no more (410). */
export function isFinal({ status, error }: WebhookAttempt): boolean {
  return error === null || status === 410;
}

function errorOfStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return 'redirected, which is not followed';
  if (status === 410) return 'answered 410 Gone: it is not called again';
  return `answered ${status}: expected 2xx`;
}

function errorOfConnection(error: unknown, timeoutMs: number): string {
  const { name, message } = error instanceof Error ? error : new Error();
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`;
  // The runtime's words for a port where nobody listens, too.
  if (message === 'Network connection lost.') return 'the connection was refused, or lost before an answer came';
  return 'no connection: the host is unknown or not public, or its certificate is not valid';
}
