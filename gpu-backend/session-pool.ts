import { Worker } from 'node:worker_threads';
import { encodeMessage } from '../wire/frames.ts';
import type { FrameHeader } from '../wire/plan.ts';
import type { Log } from './log.ts';
import type { JobOutcome } from './metrics.ts';
import type { SessionChange } from './session-memory.ts';
import type { FromThread, Job, Loaded, ThreadSettings } from './thread-messages.ts';

export interface PoolOptions {
  /** How many threads, each with sessions of its own. */
  readonly size: number;
  readonly settings: ThreadSettings;
  readonly log: Log;
  /** Called for every thread that ended unasked. */
  readonly onCrash: () => void;
  /** Called for every session that a thread has created or released for want of room. */
  readonly onSession: (change: SessionChange) => void;
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

/** A checkpoint that cannot be served. The message is one line that names the file. */
export class Unloadable extends Error {
  override readonly name = 'Unloadable';
}

/** Milliseconds before a thread is replaced, by how many died in a row without ever being ready. */
const patience = [0, 1000, 2000, 5000, 15_000];

/**
 * Threads that run jobs. ONNX Runtime blocks the thread that calls it for as long as it computes, so the server's own
 * thread never does: it stays free to answer.
 */
export class SessionPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<JobThread>();
  readonly #waiting: ((thread: JobThread) => void)[] = [];
  #loaded: Loaded | null = null;
  #deaths = 0;
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** What the threads have loaded; null before the first one has. It outlives a crash. */
  get loaded(): Loaded | null {
    return this.#loaded;
  }

  /** Bytes that the sessions of every checkpoint take on all threads, by its name. */
  get held(): Readonly<Record<string, number>> {
    const bytes: Record<string, number> = Object.fromEntries(this.#loaded?.cards.map(({ name }) => [name, 0]) ?? []);
    for (const { held } of this.#threads) {
      for (const [name, own] of Object.entries(held)) bytes[name] = (bytes[name] ?? 0) + own;
    }
    return bytes;
  }

  /**
   * Whether a job that is sent now would be run. A thread that died once is as good as replaced: jobs wait for the next
   * one. Two in a row are a fault that others should not wait for.
   */
  get ready(): boolean {
    return this.#loaded !== null && (this.#deaths <= 1 || [...this.#threads].some(thread => thread.ready));
  }

  /** Resolves when every thread has loaded the default checkpoint. @throws Unloadable */
  async start(): Promise<Loaded> {
    // One first: a checkpoint that cannot be loaded is reported once, and what the first has read the others read from memory.
    this.#loaded = await this.#spawn();
    await Promise.all(Array.from({ length: this.#options.size - 1 }, () => this.#spawn()));
    return this.#loaded;
  }

  /**
   * Runs a job on a thread that is free, or as soon as one is; of several that are free on one that has most of the
   * checkpoint in memory. Aborting stops it at its next step.
   * Never rejects: a job that fails says so in a `failed` frame.
   */
  async run(job: Omit<Job, 'cancelled'>, listener: JobListener, signal: AbortSignal): Promise<JobOutcome> {
    const name = this.#loaded?.cards.find(({ digest }) => digest === job.plan.checkpoint)?.name ?? '';
    const thread = await this.#idleThread(name, signal);
    if (thread === null) return 'cancelled';
    listener.taken();
    const outcome = await thread.run(job, listener, signal);
    if (thread.ready) this.#release(thread);
    return outcome;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#threads].map(thread => thread.stop()));
  }

  #idleThread(checkpoint: string, signal: AbortSignal): Promise<JobThread | null> {
    if (signal.aborted) return Promise.resolve(null);
    const held = (thread: JobThread) => thread.held[checkpoint] ?? 0;
    const [idle] = [...this.#threads].filter(thread => thread.idle).sort((a, b) => held(b) - held(a));
    if (idle) {
      idle.take();
      return Promise.resolve(idle);
    }
    return new Promise(resolve => {
      const take = (thread: JobThread) => {
        signal.removeEventListener('abort', give);
        thread.take();
        resolve(thread);
      };
      const give = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        resolve(null);
      };
      signal.addEventListener('abort', give, { once: true });
      this.#waiting.push(take);
    });
  }

  #release(thread: JobThread): void {
    thread.give();
    this.#waiting.shift()?.(thread);
  }

  async #spawn(): Promise<Loaded> {
    // What one thread has computed no other needs to.
    const digests = this.#loaded?.digests ?? this.#options.settings.digests;
    const settings = { ...this.#options.settings, digests };
    const thread = new JobThread({ ...this.#options, settings }, () => this.#died(thread));
    this.#threads.add(thread);
    const loaded = await thread.load(this.#loaded);
    this.#deaths = 0;
    this.#release(thread);
    return loaded;
  }

  #died(thread: JobThread): void {
    this.#threads.delete(thread);
    // Before the first load there is nobody to wait for a replacement: start() has failed.
    if (this.#stopped || this.#loaded === null) return;
    this.#options.onCrash();
    const delay = patience[Math.min(this.#deaths++, patience.length - 1)]!;
    this.#options.log('error', 'thread_replaced', { afterMs: delay });
    setTimeout(() => {
      if (!this.#stopped) this.#spawn().catch(() => undefined);
    }, delay).unref();
  }
}

/** One thread as the server sees it. */
class JobThread {
  /** Bytes that each checkpoint's sessions take on it, by its name. */
  held: Readonly<Record<string, number>> = {};
  readonly #worker: Worker;
  readonly #log: Log;
  #state: 'loading' | 'idle' | 'busy' | 'dead' = 'loading';
  #listener: (message: FromThread) => void = () => undefined;
  #abandon: (reason: string) => void = () => undefined;
  /** Why it ended, or is about to. */
  #reason = '';

  constructor({ settings, log, program, onSession }: PoolOptions, onDeath: () => void) {
    this.#log = log;
    this.#worker = new Worker(program ?? new URL('./job-thread.ts', import.meta.url), { workerData: settings });
    this.#worker.on('message', (message: FromThread) => {
      if (message.kind === 'log') log(message.level, message.event, { ...message.details });
      else if (message.kind === 'sessions') {
        this.held = message.held;
        if (!message.change) return;
        const { change, ms, bytes, ...which } = message.change;
        log('info', `session_${change}`, { ...which, bytes, ms: Math.round(ms) });
        onSession(message.change);
      } else this.#listener(message);
    });
    this.#worker.on('error', error => {
      this.#reason = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('exit', code => {
      if (this.#state === 'dead') return;
      this.#state = 'dead';
      log('error', 'thread_died', { code, reason: this.#reason });
      this.#abandon(this.#reason);
      onDeath();
    });
  }

  get ready(): boolean {
    return this.#state === 'idle' || this.#state === 'busy';
  }

  get idle(): boolean {
    return this.#state === 'idle';
  }

  take(): void {
    this.#state = 'busy';
  }

  give(): void {
    this.#state = 'idle';
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
      this.#abandon = reason =>
        reject(new Unloadable(`the job thread died while loading: ${reason || 'no reason given'}`));
      this.#listener = message => {
        if (message.kind === 'loaded') {
          const changed = expected && changeOf(expected, message.loaded);
          if (changed) return giveUp(changed);
          this.#state = 'idle';
          resolve(message.loaded);
        } else if (message.kind === 'unloadable') giveUp(message.message);
      };
    });
  }

  run(job: Omit<Job, 'cancelled'>, listener: JobListener, signal: AbortSignal): Promise<JobOutcome> {
    return new Promise(resolve => {
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      const cancel = () => Atomics.store(cancelled, 0, 1);
      const end = (outcome: JobOutcome) => {
        signal.removeEventListener('abort', cancel);
        this.#listener = () => undefined;
        this.#abandon = () => undefined;
        resolve(outcome);
      };
      this.#listener = message => {
        if (message.kind === 'frame') listener.frame(message.header, message.bytes);
        else if (message.kind === 'begun') listener.begun(message.executionProvider);
        else if (message.kind === 'ended') end(message.outcome);
      };
      this.#abandon = () => {
        const header: FrameHeader = {
          kind: 'failed',
          stage: null,
          code: 'internal',
          message: 'the job thread ended unexpectedly',
          retryable: true,
        };
        listener.frame(header, encodeMessage(header));
        end('failed');
      };
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      this.#worker.postMessage({ ...job, cancelled } satisfies Job);
    });
  }

  async stop(): Promise<void> {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#abandon('stopped');
    await this.#worker.terminate();
    this.#log('info', 'thread_stopped');
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
