import type { MessagePort } from 'node:worker_threads';
import { encodeMessage } from '../wire/frames.ts';
import { isRetryable } from './refusal.ts';
import { type Models, runPlan } from './stages.ts';
import type { FromThread, Job, Loaded } from './thread-messages.ts';

/** A job thread's end of the line to the server. */
export class JobLoop {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  log(level: 'info' | 'warn' | 'error', event: string, details: object): void {
    this.#tell({ kind: 'log', level, event, details });
  }

  /** Says that nothing can be served. @param problem its message is one line that names the file */
  giveUp(problem: unknown): void {
    this.#tell({ kind: 'unloadable', message: problem instanceof Error ? problem.message : String(problem) });
  }

  /**
   * Runs jobs as they come. The server sends one at a time.
   * @param models what a checkpoint's plans run on, by its digest
   */
  serve(loaded: Loaded, models: (digest: string) => Models): void {
    this.#port.on('message', (job: Job) => void this.#run(job, models).catch(error => this.#fail(error)));
    this.#tell({ kind: 'loaded', loaded });
  }

  async #run({ plan, tensors, cancelled }: Job, models: (digest: string) => Models): Promise<void> {
    const isCancelled = () => Atomics.load(cancelled, 0) === 1;
    const onUnexpected = (error: unknown) => this.log('error', 'stage_failed', { error: describe(error) });
    const frames = runPlan(plan, tensors, models(plan.checkpoint), isCancelled, onUnexpected);
    for (;;) {
      const next = await frames.next();
      if (next.done) return this.#tell({ kind: 'ended', outcome: next.value });
      const { header, tensors: results } = next.value;
      const bytes = encodeMessage(header, results);
      this.#tell({ kind: 'frame', header, bytes }, [bytes.buffer]);
    }
  }

  /** What should never happen, said to the client without details. */
  #fail(error: unknown): void {
    this.log('error', 'job_failed', { error: describe(error) });
    const message = 'the job failed; the log of the backend has more';
    const header = {
      kind: 'failed',
      stage: null,
      code: 'internal',
      message,
      retryable: isRetryable('internal'),
    } as const;
    this.#tell({ kind: 'frame', header, bytes: encodeMessage(header) });
    this.#tell({ kind: 'ended', outcome: 'failed' });
  }

  #tell(message: FromThread, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
