/** Whether the server answers. Every request tells, and while none succeeds `/health` is asked now and then. */
import { Store } from './store.ts';

export type Connection = 'there' | 'gone';

export const connection = new Store<Connection>('there');

const askAgainMs = 1_500;
const askAnywayMs = 10_000;
/** How long a server that is there may take to say so. */
const healthMs = 5_000;

/** `fetch`, with an eye on whether anybody answers. */
export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    connection.set('there');
    return response;
  } catch (error) {
    // Who has enough says nothing of the server; a time that is up does.
    const { signal } = init ?? {};
    if (!signal?.aborted || signal.reason?.name === 'TimeoutError') connection.set('gone');
    throw error;
  }
};

/** Asks whether the server lives: often while it is gone, now and then while the page is looked at. */
export function watchConnection(): void {
  const look = () => watchedFetch('/health', { signal: AbortSignal.timeout(healthMs) }).catch(() => {});
  const ask = async () => {
    if (!document.hidden) await look();
    setTimeout(ask, connection.value === 'gone' ? askAgainMs : askAnywayMs);
  };
  setTimeout(ask, askAnywayMs);
  // Somebody has just noticed: do not wait for the long pause to end.
  connection.watch(() => {
    if (connection.value === 'gone') setTimeout(() => void look(), askAgainMs);
  });
}
