/** Finds a Darkroom to talk to, and starts one where there is none. */
import { NoServerError } from '../troubles.ts';
import { type EmbeddedOptions, embeddedServer } from './embedded.ts';
import { troubleWith } from './probe.ts';
import { borrowed, type Server } from './server.ts';

export interface ReachOptions extends EmbeddedOptions {
  /** What was given as `--url`. */
  readonly url: string | undefined;
}

/** Where `npm start` listens. */
const usualPort = 8787;

/** @throws UsageError, NoServerError; the signal's reason */
export async function reach({ url, ...options }: ReachOptions): Promise<Server> {
  const { env, signal } = options;
  const asked = url ?? env.DARKROOM_URL;
  if (asked) {
    const trouble = await troubleWith(asked, signal);
    if (trouble) throw new NoServerError(`${trouble}. Start one with "npm start", or name another with --url`);
    return borrowed(asked);
  }
  // Who names a folder means the Darkroom that works there, and no other.
  if (!env.DARKROOM_HOME) {
    const usual = `http://127.0.0.1:${env.PORT || usualPort}`;
    if ((await troubleWith(usual, signal)) === null) return borrowed(usual);
  }
  return embeddedServer(options);
}
