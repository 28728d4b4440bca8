/** Finds a Darkroom to talk to, and starts one where there is none. */
import { Darkroom, isDarkroomError } from '../../sdk/index.ts';
import { NoServerError, UsageError } from '../troubles.ts';
import { embeddedServer } from './embedded.ts';
import { borrowed, type Server } from './server.ts';

export interface ReachOptions {
  /** What was given as `--url`. */
  readonly url: string | undefined;
  readonly keepRunning: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told what takes a while. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Where `npm start` listens. */
const usualPort = 8787;
/** Who does not answer as simple a question within this time is not there, in milliseconds. */
const answersWithinMs = 5000;

/** @throws UsageError, NoServerError; the signal's reason */
export async function reach({ url, keepRunning, env, note, signal }: ReachOptions): Promise<Server> {
  const asked = url ?? env.DARKROOM_URL;
  if (asked) {
    const trouble = await troubleWith(asked, signal);
    if (trouble) throw new NoServerError(`${trouble}. Start one with "npm start", or name another with --url`);
    return borrowed(asked);
  }
  const usual = `http://127.0.0.1:${env.PORT || usualPort}`;
  if ((await troubleWith(usual, signal)) === null) return borrowed(usual);
  return embeddedServer({ env, keepRunning, note, signal });
}

/** Why nothing can be asked there; null where all is well. @throws UsageError for what is no address */
async function troubleWith(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const darkroom = new Darkroom({ url, patienceMs: 0, timeoutMs: answersWithinMs });
    await darkroom.graphql('{ __typename }', {}, { signal });
    return null;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    if (!isDarkroomError(error)) throw error;
    return error.message;
  }
}
