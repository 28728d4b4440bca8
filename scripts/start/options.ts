import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** Something the person who starts Darkroom can mend: told in one line, without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface StartOptions {
  readonly host: string;
  readonly port: number;
  /** Where state, logs and secrets live. */
  readonly home: string;
  /** Checkpoint folders; the first is the default one. */
  readonly checkpoints: readonly string[];
}

export const help = `npm start   starts the GPU backend and the GraphQL worker

  PORT                where the worker listens (8787); 0 takes a free port
  HOST                on which address (127.0.0.1)
  CHECKPOINTS         checkpoint folders, comma-separated (models/shipped)
  CHECKPOINTS_EAGER   which of them are loaded at start, not when they are asked for: first, all, none (first)
  MEMORY_BUDGET       for all that is loaded, such as 6GiB or 900MiB (three quarters of the machine's memory)
  DEFAULT_CHECKPOINT  name of the one that is used when a request names none (the first)
  DARKROOM_HOME       folder for state, logs and secrets (.darkroom)
  ALLOW_WITHOUT_KEYS  "true" lets HOST be reachable from elsewhere, by everybody
  PUBLIC_URL          the address clients see, where a proxy stands in front
  ALLOWED_HOSTS       further Host headers to answer, comma-separated
  CORS_ORIGINS        origins whose pages may ask, comma-separated
  BLOCKED_TERMS       words that no prompt may contain, comma-separated
  CACHE_MEGABYTES     how much is stored before room is made; images of kept generations stay (10000)
  REUSE_MEGABYTES     of that, how much for steps that \`reuse: APPROXIMATE\` may go on from; 0: none are kept (1000)
  BACKLOG             how many generations may wait or run; beyond that, QUEUE_FULL (2000)
  BACKEND_PATIENCE_SECONDS   how long they wait for a backend that has their checkpoint (600)
  BACKEND_SILENCE_SECONDS    a backend that sends nothing for so long loses its job (600)
  RETENTION_DAYS      generations are deleted so many days after their end (never)
  WEBHOOK_SECRET      signs what webhooks are told: whsec_ and 24 to 64 bytes as base64 (no webhooks)
  WEBHOOK_ALLOW_PRIVATE      "true" lets webhooks reach this machine and its neighbours
  DARKROOM_BATCH      generations that run together and share calls of the UNet, 1 to 16 (1)
  LOG_PROMPTS         "true" logs prompts; otherwise they never are
  ORT_PROVIDERS       execution providers in the order to try, comma-separated: cuda, webgpu, cpu (cpu)
  THREADS             threads of the model sessions (all cores)

In parentheses: what holds when a variable is not set.
Ctrl-C stops everything.`;

/** @throws StartError naming the variable, what it holds and what it may hold */
export function parseOptions(env: Readonly<Record<string, string | undefined>>): StartOptions {
  return {
    host: parseHost(env.HOST || '127.0.0.1'),
    port: parsePort(env.PORT || '8787'),
    home: resolve(env.DARKROOM_HOME || '.darkroom'),
    checkpoints: (env.CHECKPOINTS || 'models/shipped')
      .split(',')
      .map(folder => folder.trim())
      .filter(folder => folder !== '')
      .map(folder => resolve(folder)),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new StartError(`PORT is "${text}": expected a number from 0 to 65535`);
  return port;
}

function parseHost(text: string): string {
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) {
    throw new StartError(`HOST is "${text}": expected an address such as 127.0.0.1 or a host name`);
  }
  return text;
}
