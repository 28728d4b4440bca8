import type { MessagePort } from 'node:worker_threads';
import { encodeMessage } from '../wire/frames.ts';
import type { Plan } from '../wire/plan.ts';
import type { JobOutcome } from './metrics.ts';
import { isRetryable } from './refusal.ts';
import type { SessionChange } from './session-memory.ts';
import { failure, type Models, type OutgoingFrame, runPlan } from './stages.ts';
import type { FromThread, Job, Loaded } from './thread-messages.ts';

/** Models whose sessions have been created. */
export interface Prepared {
  readonly models: Models;
  /** What they run on. */
  readonly executionProvider: string;
  /** Called when the job is over, before the server is told. */
  done?(): Promise<void>;
}

/**
 * Makes ready what a plan runs on; null when it was cancelled meanwhile.
 * @param cancelled asked wherever it can be stopped
 */
export type Prepare = (plan: Plan, cancelled: () => boolean) => Promise<Prepared | null>;

/** A job thread's end of the line to the server. */
export class JobLoop {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  log(level: 'info' | 'warn' | 'error', event: string, details: object): void {
    this.#tell({ kind: 'log', level, event, details });
  }

  /**
   * @param change null where sessions only came to take more or less
   * @param held bytes that each checkpoint's sessions take on this thread now, by its name
   */
  sessions(change: SessionChange | null, held: Readonly<Record<string, number>>): void {
    this.#tell({ kind: 'sessions', change, held });
  }

  /** Says that nothing can be served. @param problem its message is one line that names the file */
  giveUp(problem: unknown): void {
    this.#tell({ kind: 'unloadable', message: problem instanceof Error ? problem.message : String(problem) });
  }

  unetCalled(): void {
    this.#tell({ kind: 'unet_called' });
  }

  /**
   * Runs jobs as they come, whichever run already. The server knows how many it may send: they take turns on this thread
   * wherever one of them waits for a session.
   * @param prepare what a plan runs on: called for every one
   */
  serve(loaded: Loaded, prepare: Prepare): void {
    this.#port.on('message', (job: Job) => void this.#run(job, prepare).catch(error => this.#fail(job, error)));
    this.#tell({ kind: 'loaded', loaded });
  }

  async #run({ id: job, plan, tensors, cancelled }: Job, prepare: Prepare): Promise<void> {
    const isCancelled = () => Atomics.load(cancelled, 0) === 1;
    const onUnexpected = (error: unknown) => this.log('error', 'stage_failed', { error: describe(error) });
    const prepared = await prepare(plan, isCancelled).catch((error: unknown) => ({ error }));
    if (prepared === null) return this.#tell({ kind: 'ended', job, outcome: 'cancelled' });
    if ('error' in prepared) {
      this.#send(job, failure(null, prepared.error, onUnexpected));
      return this.#tell({ kind: 'ended', job, outcome: 'failed' });
    }
    let outcome: JobOutcome;
    try {
      this.#tell({ kind: 'begun', job, executionProvider: prepared.executionProvider });
      outcome = await this.#sendAll(job, runPlan(plan, tensors, prepared.models, isCancelled, onUnexpected));
    } finally {
      await prepared.done?.();
    }
    this.#tell({ kind: 'ended', job, outcome });
  }

  async #sendAll(job: number, frames: AsyncGenerator<OutgoingFrame, JobOutcome>): Promise<JobOutcome> {
    for (;;) {
      const next = await frames.next();
      if (next.done) return next.value;
      this.#send(job, next.value);
    }
  }

  #send(job: number, { header, tensors }: OutgoingFrame): void {
    const bytes = encodeMessage(header, tensors);
    this.#tell({ kind: 'frame', job, header, bytes }, [bytes.buffer]);
  }

  /** What should never happen, said to the client without details. */
  #fail({ id: job }: Job, error: unknown): void {
    this.log('error', 'job_failed', { error: describe(error) });
    const message = 'the job failed; the log of the backend has more';
    const header = {
      kind: 'failed',
      stage: null,
      code: 'internal',
      message,
      retryable: isRetryable('internal'),
    } as const;
    this.#tell({ kind: 'frame', job, header, bytes: encodeMessage(header) });
    this.#tell({ kind: 'ended', job, outcome: 'failed' });
  }

  #tell(message: FromThread, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
