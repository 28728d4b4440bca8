/** Following a job on the server to its end, through lost streams, restarts and proxies that hold streams back. */
import { CancelledError, RetryLaterError } from './errors.ts';
import { backoff, pause } from './pause.ts';
import { isTransient } from './retry.ts';
import type { GenerationStatus } from './types.ts';

/** What can be followed: a generation, a contact sheet. */
export interface Job {
  readonly id: string;
  readonly status: GenerationStatus;
}

/** How the server tells of a job. Each answer is a full snapshot; null: the job is unknown or deleted. */
export interface Source<J extends Job> {
  /** The truth, once. */
  fetch(signal: AbortSignal): Promise<J | null>;
  /** Snapshots as they happen, until the job ends; null where there is no such stream. */
  readonly stream: ((signal: AbortSignal) => AsyncGenerator<J | null, void, undefined>) | null;
}

export interface FollowingOptions {
  /** How long the server may stay away, in milliseconds, before following ends with an error. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds between two questions where there is no stream. */
  readonly pollMs?: number;
  /** The first snapshot comes at once: a stream that brings none for so long, in milliseconds, is held back on its way. */
  readonly firstEventMs?: number;
}

/** Streams that were open and brought nothing, in a row, after which no more are tried. */
const VAIN_STREAMS = 2;

export function hasEnded({ status }: Job): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
}

/**
 * Snapshots of a job, the last one its end. After each lost stream the server is asked once, so that nothing that happened
 * meanwhile is missed; where streams bring nothing, it is asked again and again.
 *
 * @throws CancelledError when the job is deleted; ConnectionError when the server stays away for longer than patience
 *   lasts; the signal's reason
 */
export async function* follow<J extends Job>(
  source: Source<J>,
  options: FollowingOptions,
): AsyncGenerator<J, void, undefined> {
  const { patienceMs, signal, pollMs = 1000 } = options;
  let vain = 0;
  let failures = 0;
  /** When the first failure in a row was; null while the server answers. Silence is no failure: nothing may have happened. */
  let awaySince: number | null = null;
  const heard = () => {
    failures = 0;
    awaySince = null;
  };
  for (;;) {
    try {
      const stream = vain < VAIN_STREAMS ? source.stream : null;
      let brought = false;
      if (stream) {
        try {
          for await (const snapshot of firstSoon(stream, options)) {
            brought = true;
            heard();
            yield known(snapshot);
            if (snapshot && hasEnded(snapshot)) return;
          }
        } catch (error) {
          if (signal.aborted || !isTransient(error)) throw error;
        }
      }
      const snapshot = known(await source.fetch(signal));
      // It answers: that nothing came was the stream's fault, or that of somebody on its way.
      if (stream) vain = brought ? 0 : vain + 1;
      heard();
      yield snapshot;
      if (hasEnded(snapshot)) return;
      await pause(pollMs, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const later = error instanceof RetryLaterError;
      if (!later && !isTransient(error)) throw error;
      failures++;
      awaySince ??= performance.now();
      const wait = later ? error.retryAfterMs : backoff(failures);
      if (performance.now() - awaySince + wait > patienceMs) throw error;
      await pause(wait, signal);
    }
  }
}

function known<J extends Job>(snapshot: J | null): J {
  if (snapshot === null) throw new CancelledError('It is deleted, or was never there', null);
  return snapshot;
}

/** The stream, ended where its first snapshot does not come. */
async function* firstSoon<J extends Job>(
  stream: NonNullable<Source<J>['stream']>,
  { signal, firstEventMs = 5000 }: FollowingOptions,
): AsyncGenerator<J | null, void, undefined> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), firstEventMs);
  try {
    for await (const snapshot of stream(AbortSignal.any([signal, patience.signal]))) {
      clearTimeout(timer);
      yield snapshot;
    }
  } catch (error) {
    if (!patience.signal.aborted || signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}
