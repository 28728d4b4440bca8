import type { ResolverContext } from './builder.ts';
import type { GenerationState, WatchedGeneration } from './context.ts';
import { hasEnded } from './generation-status.ts';

/** At most five states a second. */
const LEAST_MS_BETWEEN = 200;

/** How long to wait before asking again when asking failed: whoever was asked may only have been restarted. */
const MS_BEFORE_ASKING_AGAIN = [250, 500, 1_000, 2_000];

type WatchContext = Pick<ResolverContext, 'services' | 'reportFault'>;

/**
 * A generation's states, from the one that it has now to its last. However fast it changes and however slowly they are
 * read, the next one is the newest. Null is the last where there is no such generation, or none any more.
 *
 * Who returns is let go at once, whatever is being waited for.
 *
 * @param id null for one that no generation can have
 * @throws what the service throws, when it does so time after time
 */
export function watchedStates(id: string | null, context: WatchContext): AsyncIterableIterator<GenerationState | null> {
  const leaving = new AbortController();
  const states = follow(id, context, leaving.signal);
  return {
    next: () => states.next(),
    return() {
      // A generator alone would hear of it only after what it waits for.
      leaving.abort();
      return states.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  id: string | null,
  { services: { generations }, reportFault }: WatchContext,
  left: AbortSignal,
): AsyncGenerator<GenerationState | null, undefined> {
  let seen = 0;
  let failures = 0;
  while (!left.aborted) {
    let watched: WatchedGeneration | null | undefined;
    let nextAt = Date.now() + LEAST_MS_BETWEEN;
    try {
      watched = id === null ? null : await unlessAborted(generations.watch(id, seen), left);
      failures = 0;
    } catch (fault) {
      const pause = MS_BEFORE_ASKING_AGAIN[failures++];
      if (pause === undefined) throw fault;
      reportFault(fault, 'generation');
      await unlessAborted(after(pause), left);
      continue;
    }
    if (watched === undefined) return;
    if (watched === null) {
      yield null;
      return;
    }
    // The same again: nothing has happened for a while.
    if (watched.version !== seen) {
      seen = watched.version;
      nextAt = Date.now() + LEAST_MS_BETWEEN;
      yield watched.state;
      if (hasEnded(watched.state.status)) return;
    }
    await unlessAborted(after(nextAt - Date.now()), left);
  }
}

/** What a promise comes to; undefined as soon as the signal says so. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    signal.addEventListener('abort', abort);
    // Taken off again: the signal outlives hundreds of these.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function after(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise(resolve => setTimeout(resolve, milliseconds));
}
