/** Waiting for a job's end, seen as it goes; Ctrl-C stops the job. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ContactSheet, type Generation, type Handle, hasEnded } from '../sdk/index.ts';
import type { Call } from './command.ts';
import { jobLine } from './terminal/line.ts';

type Job = Generation | ContactSheet;

/** How long a server that does not answer may hold up who wants to leave, in milliseconds. */
const cancelsWithinMs = 5_000;

/**
 * @param first told of the job once it is accepted
 * @returns the job when it has succeeded
 * @throws DarkroomError; after Ctrl-C, when the job was cancelled, the signal's reason
 */
export async function followed<J extends Job>(
  handle: Handle<J>,
  { screen, signal }: Pick<Call, 'screen' | 'signal'>,
  first: (job: J) => void = () => {},
): Promise<J> {
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => {});
  const interrupt = () => interrupted.reject(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const show = async () => {
      first(await handle.accepted);
      for await (const job of handle) {
        if (signal.aborted) break;
        screen.line(jobLine(job));
        if ('preview' in job && job.preview) screen.picture(bytesOf(job.preview.dataUri));
      }
      return await handle;
    };
    const shown = show();
    shown.catch(() => {});
    return await Promise.race([shown, interrupted.promise]);
  } catch (error) {
    if (signal.aborted) await cancelled(handle, screen);
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

async function cancelled<J extends Job>(handle: Handle<J>, screen: Call['screen']): Promise<void> {
  screen.line('cancelling …');
  const cancelling = handle.cancel().then(
    job => (hasEnded(job) && job.status !== 'CANCELLED' ? `It had ended before: ${job.id}` : `Cancelled: ${job.id}`),
    (error: Error) => `It could not be cancelled: ${error.message}`,
  );
  const late = sleep(cancelsWithinMs, 'It could not be cancelled in time: see "darkroom list"');
  const said = await Promise.race([cancelling, late]);
  screen.end();
  screen.note(said);
}

/** @param dataUri of base64 */
function bytesOf(dataUri: string): Uint8Array {
  return Buffer.from(dataUri.slice(dataUri.indexOf(',') + 1), 'base64');
}
