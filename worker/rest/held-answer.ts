/** JSON answers that may be long in coming, to clients that wait for them. */
import { keptAlive, within } from './kept-alive.ts';

/** What is answered within this has its own status. */
const patienceMs = 10_000;
const everyMs = 5_000;

/**
 * Waits a while for the answer. If it takes longer, 200 is answered with spaces, which JSON may begin with, until it comes.
 * An error that comes then can have no status any more: its words are sent, and the connection is broken off, so that no
 * client takes them for a success, nor asks again.
 * @param answer JSON; never rejects
 * @param left called if the caller leaves before it comes
 */
export async function held(
  answer: Promise<Response>,
  headers: Readonly<Record<string, string>>,
  left: () => void,
  times = { patienceMs, everyMs },
): Promise<Response> {
  const early = await within(answer, times.patienceMs);
  if (early) return early;
  const body = keptAlive(whenItComes(answer), { filler: ' ', everyMs: times.everyMs, left });
  return new Response(body, { headers: { ...headers, 'Content-Type': 'application/json', 'X-Accel-Buffering': 'no' } });
}

async function* whenItComes(answer: Promise<Response>): AsyncGenerator<string, undefined> {
  const response = await answer;
  yield await response.text();
  if (!response.ok) throw new Error('The generation failed after its answer was begun');
}
