/** What starting a job answers with: to be awaited, iterated, cancelled. */
import { CancelledError, type DarkroomError, FailedError, isDarkroomError } from './errors.ts';
import { follow, hasEnded, type Job, type Source } from './following.ts';
import type { Failure, Generation } from './types.ts';

/** A job's end, or why there is none, as a value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DarkroomError };

interface EndableJob extends Job {
  readonly failure: Failure | null;
}

/** How a kind of jobs is created, followed and stopped. */
export interface Course<J extends EndableJob> {
  /** The job as the server has accepted it. */
  readonly accepted: Promise<J>;
  source(id: string): Source<J>;
  cancel(id: string): Promise<J>;
  /** The job, where an error is to carry it. */
  asGeneration(job: J): Generation | null;
  readonly patienceMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * A job on the server. Await it for its success, iterate over it for its progress, or both: it is followed once, and only
 * while somebody looks. Aborting the signal it was started with stops following it; `cancel()` stops the job itself.
 *
 * @example
 * const handle = darkroom.generate({ prompt: 'a cat on a red background' });
 * for await (const { progress } of handle) console.log(progress.step, progress.steps);
 * const { images } = await handle;
 */
export class Handle<J extends EndableJob> implements PromiseLike<J>, AsyncIterable<J> {
  /** The job as it was accepted: with its id, and every parameter. Rejects with the error where it was not. */
  readonly accepted: Promise<J>;
  readonly #course: Course<J>;
  #following: Following<J> | null = null;
  #end: Promise<J> | null = null;

  constructor(course: Course<J>) {
    this.#course = course;
    this.accepted = course.accepted;
    // Whoever looks at the handle learns of it; who does not, is not to be brought down by it.
    this.accepted.catch(() => {});
  }

  /**
   * Snapshots of the job, each complete, from its acceptance to its end, whatever that is. A slow reader misses some, never
   * the last.
   * @throws DarkroomError; the signal's reason
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<J, void, undefined> {
    let snapshot = await this.accepted;
    this.#following ??= new Following(this.#course, snapshot);
    const following = this.#following;
    // Who comes late need not see how it began.
    if (hasEnded(following.latest)) snapshot = following.latest;
    yield snapshot;
    if (hasEnded(snapshot)) return;
    following.join();
    try {
      while (!hasEnded(snapshot)) {
        snapshot = await following.after(snapshot);
        yield snapshot;
      }
    } finally {
      following.leave();
    }
  }

  /** The job once it has SUCCEEDED. @throws FailedError, CancelledError, or why it was not accepted or not reached */
  // biome-ignore lint/suspicious/noThenProperty: it is there to be awaited
  then<A = J, B = never>(
    onEnd?: ((job: J) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#end ??= this.#succeeded().catch(error => {
      // That the server was not reached is no end: whoever asks next may be luckier.
      if (isDarkroomError(error) && !['failed', 'cancelled'].includes(error.kind)) this.#end = null;
      throw error;
    });
    return this.#end.then(onEnd, onError);
  }

  catch<B = never>(onError?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<J | B> {
    return this.then(null, onError);
  }

  /** As awaiting it, with errors as values. @throws the signal's reason */
  async result(): Promise<Result<J>> {
    try {
      return { ok: true, value: await this };
    } catch (error) {
      if (!isDarkroomError(error)) throw error;
      return { ok: false, error };
    }
  }

  /** Stops the job; answers as it is then. One that has ended is returned unchanged. @throws DarkroomError */
  async cancel(): Promise<J> {
    const { id } = await this.accepted;
    return this.#course.cancel(id);
  }

  async #succeeded(): Promise<J> {
    let last = await this.accepted;
    for await (const snapshot of this) last = snapshot;
    if (last.failure) throw new FailedError(last.failure, this.#course.asGeneration(last));
    if (last.status === 'CANCELLED') throw new CancelledError('It was cancelled', this.#course.asGeneration(last));
    return last;
  }
}

/** The one look at a job that all of its readers share. */
class Following<J extends EndableJob> {
  readonly #course: Course<J>;
  latest: J;
  #readers = 0;
  #stop = new AbortController();
  #news = Promise.withResolvers<void>();
  /** Why following ended before the job did; whoever comes next begins anew. */
  #failure: { readonly error: unknown } | null = null;

  constructor(course: Course<J>, accepted: J) {
    this.#course = course;
    this.latest = accepted;
  }

  join(): void {
    if (this.#readers++ > 0 && !this.#failure) return;
    this.#failure = null;
    void this.#follow();
  }

  leave(): void {
    if (--this.#readers === 0) this.#stop.abort(new Error('nobody looks any more'));
  }

  /** A snapshot that is newer than one that was seen. */
  async after(seen: J): Promise<J> {
    while (this.latest === seen) {
      if (this.#failure) throw this.#failure.error;
      await this.#news.promise;
    }
    return this.latest;
  }

  async #follow(): Promise<void> {
    const { source, patienceMs, signal } = this.#course;
    const stop = new AbortController();
    this.#stop = stop;
    try {
      const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      for await (const snapshot of follow(source(this.latest.id), { patienceMs, signal: either })) {
        if (stop.signal.aborted) return;
        this.latest = snapshot;
        this.#tell();
      }
    } catch (error) {
      if (stop.signal.aborted) return;
      this.#failure = { error };
      this.#tell();
    }
  }

  #tell(): void {
    const told = this.#news;
    this.#news = Promise.withResolvers();
    told.resolve();
  }
}
