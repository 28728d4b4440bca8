/** What goes wrong between worker and backend, as both say it. */
import type { BackendErrorCode, StageName } from './plan.ts';

/** The JSON body of every answer that is not a success. */
export interface Refusal {
  readonly code: BackendErrorCode;
  readonly message: string;
  /** Whether the same request may succeed later, or at another backend. */
  readonly retryable: boolean;
  /** Milliseconds after which asking again makes sense. */
  readonly retryAfterMs?: number;
}

/** The backend refused a request, or the job failed there. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  readonly code: BackendErrorCode;
  readonly retryable: boolean;
  /** Milliseconds after which asking again makes sense, where the backend said so. */
  readonly retryAfterMs: number | undefined;
  /** The stage that failed; null for a request that was refused before any began. */
  readonly stage: StageName | null;

  constructor(refusal: Refusal, stage: StageName | null = null) {
    super(refusal.message);
    this.code = refusal.code;
    this.retryable = refusal.retryable;
    this.retryAfterMs = refusal.retryAfterMs;
    this.stage = stage;
  }
}

/** No backend at the address, or the connection to it was lost. Another backend, or the same one later, may answer. */
export class BackendUnreachable extends Error {
  override readonly name = 'BackendUnreachable';
}
