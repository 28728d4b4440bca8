import {
  type ErrorCode,
  type Failure,
  type GenerationState,
  type GenerationStatus,
  RetryLater,
  type Stage,
} from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendErrorCode } from '../../wire/plan.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { Job } from './job.ts';

export function hasEnded(status: GenerationStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
}

/** What to tell of a generation whose process died under it. */
export const interrupted: Failure = {
  code: 'BACKEND_UNAVAILABLE',
  message: 'The work was interrupted again and again, and given up',
  stage: null,
  retryable: true,
};

/** The stage that a generation is at. */
export function stageOf(
  { status, timings }: Pick<GenerationState, 'status' | 'timings'>,
  { startPixels }: Job,
): Stage | null {
  const isEncodingPicture =
    status === 'ENCODING' && startPixels && !timings.some(({ stage }) => stage === 'IMAGE_ENCODE');
  return isEncodingPicture ? 'IMAGE_ENCODE' : (stages[status] ?? null);
}

const stages: Readonly<Partial<Record<GenerationStatus, Stage>>> = {
  QUEUED: 'QUEUE',
  ENCODING: 'TEXT_ENCODE',
  DENOISING: 'DENOISE',
  DECODING: 'DECODE',
  SCORING: 'SCORE',
};

/** The contract's words for what a backend says. */
const codes: Readonly<Partial<Record<BackendErrorCode, ErrorCode>>> = {
  queue_full: 'QUEUE_FULL',
  model_failed: 'MODEL_FAILED',
  checkpoint_unknown: 'BACKEND_UNAVAILABLE',
  cancelled: 'BACKEND_UNAVAILABLE',
  // Each parameter is within its limits, yet not all of them together suit this checkpoint.
  plan_invalid: 'UNSUPPORTED',
};

/** What a caller is told of the error that ended a generation. Errors that are ours are logged, and told by their id. */
export function failureOf(error: unknown, stage: Stage | null): Failure {
  if (error instanceof RetryLater) return { code: error.code, message: error.message, stage, retryable: true };
  if (error instanceof BackendUnreachable) {
    return {
      code: 'BACKEND_UNAVAILABLE',
      message: 'The connection to the GPU backend was lost',
      stage,
      retryable: true,
    };
  }
  if (error instanceof BackendError) {
    const code = codes[error.code] ?? (error.retryable ? 'BACKEND_UNAVAILABLE' : undefined);
    if (code !== undefined)
      return { code, message: error.message, stage: error.stage ?? stage, retryable: error.retryable };
  }
  const errorId = logUnexpected(error, 'generation');
  return { code: 'INTERNAL', message: `Unexpected error. Ask about it by its id ${errorId}`, stage, retryable: false };
}
