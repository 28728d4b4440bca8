/** The longest that a timer takes; what is longer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits, unless it is aborted first.
 * @throws the signal's reason
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; ; left -= longestTimerMs) {
    await oneTimer(Math.min(left, longestTimerMs), signal);
    if (left <= longestTimerMs) return;
  }
}

function oneTimer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * How long to wait before trying again, in milliseconds: twice as long each time up to five seconds, and never quite as long
 * as everybody else who lost the same server.
 * @param failures how many tries in a row have failed, from 1
 */
export function backoff(failures: number): number {
  return Math.min(5000, 250 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
}
