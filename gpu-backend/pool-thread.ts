import { Worker } from 'node:worker_threads';
import { encodeMessage } from '../wire/frames.ts';
import type { FrameHeader } from '../wire/plan.ts';
import type { Log } from './log.ts';
import type { JobOutcome } from './metrics.ts';
import type { SessionChange } from './session-memory.ts';
import type { FromThread, Job, Loaded, ThreadSettings } from './thread-messages.ts';

export interface ThreadOptions {
  readonly settings: ThreadSettings;
  readonly log: Log;
  /** Called for every session that a thread has created or released for want of room. */
  readonly onSession: (change: SessionChange) => void;
  /** Called for every call of a UNet. */
  readonly onUNetCall: () => void;
  /** The thread's program; tests bring others. */
  readonly program?: URL;
}

/** Who is told how a job goes. */
export interface JobListener {
  /** A thread has it. */
  taken(): void;
  /** Its models are ready. @param executionProvider what they run on, on this thread */
  begun(executionProvider: string): void;
  /** @param bytes of the frame, as they go to the client */
  frame(header: FrameHeader, bytes: Uint8Array): void;
}

/** A job as whoever sends it knows it. */
export type NewJob = Omit<Job, 'id' | 'cancelled'>;

/** A checkpoint that cannot be served. The message is one line that names the file. */
export class Unloadable extends Error {
  override readonly name = 'Unloadable';
}

/** A job that the thread has. */
interface RunningJob {
  readonly listener: JobListener;
  readonly end: (outcome: JobOutcome) => void;
}

/** One thread as the server sees it. */
export class PoolThread {
  /** Bytes that each checkpoint's sessions take on it, by its name. */
  held: Readonly<Record<string, number>> = {};
  readonly #worker: Worker;
  readonly #log: Log;
  /** How many jobs it runs together. */
  readonly #batch: number;
  #state: 'loading' | 'ready' | 'dead' = 'loading';
  /** The checkpoint of every place that is taken, by its digest. */
  readonly #places: string[] = [];
  readonly #jobs = new Map<number, RunningJob>();
  #lastId = 0;
  #onLoading: (message: FromThread) => void = () => undefined;
  #stopLoading: (reason: string) => void = () => undefined;
  /** Why it ended, or is about to. */
  #reason = '';

  constructor({ settings, log, program, onSession, onUNetCall }: ThreadOptions, onDeath: () => void) {
    this.#log = log;
    this.#batch = settings.batch;
    this.#worker = new Worker(program ?? new URL('./job-thread.ts', import.meta.url), { workerData: settings });
    this.#worker.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'log':
          return log(message.level, message.event, { ...message.details });
        case 'sessions': {
          this.held = message.held;
          if (!message.change) return;
          const { change, ms, bytes, ...which } = message.change;
          log('info', `session_${change}`, { ...which, bytes, ms: Math.round(ms) });
          return onSession(message.change);
        }
        case 'unet_called':
          return onUNetCall();
        case 'begun':
          return this.#jobs.get(message.job)?.listener.begun(message.executionProvider);
        case 'frame':
          return this.#jobs.get(message.job)?.listener.frame(message.header, message.bytes);
        case 'ended':
          return this.#jobs.get(message.job)?.end(message.outcome);
        default:
          return this.#onLoading(message);
      }
    });
    this.#worker.on('error', error => {
      this.#reason = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('exit', code => {
      if (this.#state === 'dead') return;
      this.#state = 'dead';
      log('error', 'thread_died', { code, reason: this.#reason });
      this.#stopLoading(this.#reason);
      this.#failJobs();
      onDeath();
    });
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  /** How many more jobs it can be given now. */
  get room(): number {
    return this.ready ? this.#batch - this.#places.length : 0;
  }

  /** Whether it has a job of this checkpoint. @param digest the checkpoint's */
  runs(digest: string): boolean {
    return this.#places.includes(digest);
  }

  /** Takes a place for a job that is about to be run. @param digest its checkpoint's */
  take(digest: string): void {
    this.#places.push(digest);
  }

  /** Gives the place of such a job up. */
  give(digest: string): void {
    this.#places.splice(this.#places.indexOf(digest), 1);
  }

  /**
   * @param expected what other threads have loaded: whoever was told of their digests must get no other weights
   * @throws Unloadable
   */
  load(expected: Loaded | null): Promise<Loaded> {
    return new Promise((resolve, reject) => {
      const giveUp = (message: string) => {
        this.#reason = message;
        reject(new Unloadable(message));
        void this.#worker.terminate();
      };
      this.#stopLoading = reason =>
        reject(new Unloadable(`the job thread died while loading: ${reason || 'no reason given'}`));
      this.#onLoading = message => {
        if (message.kind === 'loaded') {
          const changed = expected && changeOf(expected, message.loaded);
          if (changed) return giveUp(changed);
          this.#state = 'ready';
          resolve(message.loaded);
        } else if (message.kind === 'unloadable') giveUp(message.message);
      };
    });
  }

  /** Runs a job, beside others. Never rejects. */
  run(job: NewJob, listener: JobListener, signal: AbortSignal): Promise<JobOutcome> {
    return new Promise(resolve => {
      const id = ++this.#lastId;
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      const cancel = () => Atomics.store(cancelled, 0, 1);
      const end = (outcome: JobOutcome) => {
        signal.removeEventListener('abort', cancel);
        this.#jobs.delete(id);
        resolve(outcome);
      };
      this.#jobs.set(id, { listener, end });
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      this.#worker.postMessage({ ...job, id, cancelled } satisfies Job);
    });
  }

  async stop(): Promise<void> {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#stopLoading('stopped');
    this.#failJobs();
    await this.#worker.terminate();
    this.#log('info', 'thread_stopped');
  }

  /** Whoever was running on a thread that has ended is told, one and all. */
  #failJobs(): void {
    const header: FrameHeader = {
      kind: 'failed',
      stage: null,
      code: 'internal',
      message: 'the job thread ended unexpectedly',
      retryable: true,
    };
    for (const { listener, end } of [...this.#jobs.values()]) {
      listener.frame(header, encodeMessage(header));
      end('failed');
    }
  }
}

/** One line that names a checkpoint whose weights were replaced; null where there is none. */
function changeOf(before: Loaded, after: Loaded): string | null {
  for (const [i, { name, digest }] of before.cards.entries()) {
    const found = after.cards[i]?.digest;
    if (found === digest) continue;
    return `checkpoint ${name} was changed since the start: expected digest ${digest}, found ${found ?? 'none'}: put it back or start the backend again`;
  }
  return null;
}
