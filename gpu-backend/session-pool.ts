import type { JobOutcome } from './metrics.ts';
import { type JobListener, type NewJob, PoolThread, type ThreadOptions } from './pool-thread.ts';
import type { Loaded } from './thread-messages.ts';

export interface PoolOptions extends ThreadOptions {
  /** How many threads, each with sessions of its own. */
  readonly size: number;
  /** Called for every thread that ended unasked. */
  readonly onCrash: () => void;
}

/** A job for which no thread has room. */
interface WaitingJob {
  /** Its checkpoint's. */
  readonly digest: string;
  readonly begin: (thread: PoolThread) => void;
}

/** Milliseconds before a thread is replaced, by how many died in a row without ever being ready. */
const patience = [0, 1000, 2000, 5000, 15_000];

/**
 * Threads that run jobs, each as many together as `settings.batch` says. ONNX Runtime blocks the thread that calls it for
 * as long as it computes, so the server's own thread never does: it stays free to answer.
 */
export class SessionPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<PoolThread>();
  readonly #waiting: WaitingJob[] = [];
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
   * Runs a job on a thread that has room, or as soon as one has; of several on the one where it can share calls with others
   * of its checkpoint, else on one that has most of the checkpoint in memory. Aborting stops it at its next step.
   * Never rejects: a job that fails says so in a `failed` frame.
   */
  async run(job: NewJob, listener: JobListener, signal: AbortSignal): Promise<JobOutcome> {
    const { checkpoint } = job.plan;
    const thread = await this.#threadFor(checkpoint, signal);
    if (thread === null) return 'cancelled';
    listener.taken();
    const outcome = await thread.run(job, listener, signal);
    thread.give(checkpoint);
    this.#serveWaiting();
    return outcome;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#threads].map(thread => thread.stop()));
  }

  /** A thread on which a place was taken; null when it was aborted before. */
  #threadFor(digest: string, signal: AbortSignal): Promise<PoolThread | null> {
    if (signal.aborted) return Promise.resolve(null);
    const thread = this.#take(digest);
    if (thread) return Promise.resolve(thread);
    return new Promise(resolve => {
      const waiting: WaitingJob = {
        digest,
        begin: found => {
          signal.removeEventListener('abort', giveUp);
          resolve(found);
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(null);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
    });
  }

  /** Takes a place on the best of the threads that have one. */
  #take(digest: string): PoolThread | null {
    const name = this.#loaded?.cards.find(card => card.digest === digest)?.name ?? '';
    const runs = (thread: PoolThread) => Number(thread.runs(digest));
    const held = (thread: PoolThread) => thread.held[name] ?? 0;
    const [best = null] = [...this.#threads]
      .filter(({ room }) => room > 0)
      .sort((a, b) => runs(b) - runs(a) || held(b) - held(a) || b.room - a.room);
    best?.take(digest);
    return best;
  }

  #serveWaiting(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const thread = this.#take(next.digest);
      if (!thread) return;
      this.#waiting.shift();
      next.begin(thread);
    }
  }

  async #spawn(): Promise<Loaded> {
    // What one thread has computed no other needs to.
    const digests = this.#loaded?.digests ?? this.#options.settings.digests;
    const settings = { ...this.#options.settings, digests };
    const thread = new PoolThread({ ...this.#options, settings }, () => this.#died(thread));
    this.#threads.add(thread);
    const loaded = await thread.load(this.#loaded);
    this.#deaths = 0;
    this.#serveWaiting();
    return loaded;
  }

  #died(thread: PoolThread): void {
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
