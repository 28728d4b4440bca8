import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultBudget, parseBytes } from './memory-budget.ts';

/** Everything about a backend that is a choice. */
export interface Configuration {
  readonly secret: string;
  /** Absolute paths of diffusers folders, the default one first. */
  readonly checkpoints: readonly string[];
  /** Which of them have their sessions before the backend is ready; others get them at their first use. */
  readonly eager: Eager;
  /** Bytes that the sessions of all jobs may take together. */
  readonly memoryBudget: number;
  /** Absolute path of the folder in which digests are remembered; null: nowhere. */
  readonly home: string | null;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Execution providers, the first that works is taken. */
  readonly providers: readonly Provider[];
  /** Threads a session computes with. */
  readonly threads: number;
  /** Jobs that run at the same time, each on sessions of its own. */
  readonly jobs: number;
  /** How many run together on the sessions of each of these, where they share calls of the UNet. 1: nothing is shared. */
  readonly batch: number;
  /** Jobs that wait beside them. */
  readonly queueLimit: number;
  readonly name: string;
}

const providers = ['cuda', 'webgpu', 'cpu'] as const;
export type Provider = (typeof providers)[number];

const eagerness = ['first', 'all', 'none'] as const;
export type Eager = (typeof eagerness)[number];

/** An environment the backend does not start in. The message is one line that says what to do. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const shippedCheckpoint = fileURLToPath(new URL('../models/shipped', import.meta.url));

/** What `--help` prints. */
export const help = `Darkroom's GPU backend: runs diffusion models for the worker.

  node gpu-backend/main.ts

Environment:
  DARKROOM_BACKEND_SECRET  shared with the worker, at least 32 characters; there is no default
  CHECKPOINTS              diffusers folders, separated by commas; the first is the default (models/shipped)
  CHECKPOINTS_EAGER        which of them are loaded before /ready says so: first, all or none (first);
                           others are loaded when they are first asked for
  MEMORY_BUDGET            memory for all that is loaded, such as 6GiB or 900MiB; when it is full, what was not used
                           for longest is released (three quarters of the machine's or the container's)
  DARKROOM_HOME            folder to remember the digests of checkpoints in; without it they are computed at every start
  HOST, PORT               where to listen (127.0.0.1, 8788); port 0 takes a free one
  ORT_PROVIDERS            execution providers in the order to try: ${providers.join(', ')} (cpu)
  THREADS                  threads a session computes with (all cores)
  JOBS                     jobs that run at the same time, each on sessions of its own and an equal share of the
                           memory (1)
  DARKROOM_BATCH           jobs that run together on the same sessions and share calls of the UNet, up to 16, so many
                           for each of JOBS. With 1 a picture is the same to the byte whatever is made beside it (1)
  QUEUE_LIMIT              jobs that wait; beyond it requests are answered 429 (16)
  BACKEND_NAME             its name in records of pictures (the host's name)

GET /health, /ready and /metrics need no signature. Logs are JSON lines on standard output.
`;

/**
 * Reads the environment. Empty counts as absent.
 * @throws ConfigurationError
 */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const name = env.BACKEND_NAME?.trim() || hostname();
  if (!/^[\x21-\x7e]{1,64}$/.test(name)) {
    throw new ConfigurationError('BACKEND_NAME must be 1 to 64 printable ASCII characters without spaces');
  }
  return {
    secret: readSecret(env.DARKROOM_BACKEND_SECRET),
    checkpoints: readList(env.CHECKPOINTS, [shippedCheckpoint]).map(folder => resolve(folder)),
    eager: readEager(env.CHECKPOINTS_EAGER),
    memoryBudget: readBudget(env.MEMORY_BUDGET),
    home: env.DARKROOM_HOME?.trim() ? resolve(env.DARKROOM_HOME.trim()) : null,
    host: env.HOST?.trim() || '127.0.0.1',
    port: readInteger(env, 'PORT', 8788, 0, 65_535),
    providers: readProviders(env.ORT_PROVIDERS),
    threads: readInteger(env, 'THREADS', availableParallelism(), 1, 256),
    jobs: readInteger(env, 'JOBS', 1, 1, 64),
    batch: readInteger(env, 'DARKROOM_BATCH', 1, 1, 16),
    queueLimit: readInteger(env, 'QUEUE_LIMIT', 16, 0, 10_000),
    name,
  };
}

function readSecret(secret: string | undefined): string {
  if (!secret) {
    throw new ConfigurationError(
      'DARKROOM_BACKEND_SECRET is not set: give the backend and the worker the same random text of at least 32 characters',
    );
  }
  if (secret.length < 32) {
    throw new ConfigurationError(`DARKROOM_BACKEND_SECRET has ${secret.length} characters, at least 32 are needed`);
  }
  return secret;
}

function readEager(text: string | undefined): Eager {
  const word = text?.trim() || 'first';
  const known = eagerness.find(each => each === word);
  if (known) return known;
  throw new ConfigurationError(`CHECKPOINTS_EAGER is ${JSON.stringify(word)}, expected ${eagerness.join(', ')}`);
}

function readBudget(text: string | undefined): number {
  if (!text?.trim()) return defaultBudget();
  const bytes = parseBytes(text);
  if (bytes !== null) return bytes;
  throw new ConfigurationError(
    `MEMORY_BUDGET is ${JSON.stringify(text.trim())}, expected a size such as 6GiB or 900MiB`,
  );
}

function readProviders(text: string | undefined): Provider[] {
  const names = readList(text, ['cpu']);
  const unknown = names.find(name => !(providers as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(`ORT_PROVIDERS names ${unknown}, known are ${providers.join(', ')}`);
  }
  return [...new Set(names)] as Provider[];
}

function readList(text: string | undefined, absent: string[]): string[] {
  const items = (text ?? '').split(',').map(item => item.trim());
  const named = items.filter(item => item !== '');
  return named.length > 0 ? named : absent;
}

function readInteger(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  absent: number,
  least: number,
  most: number,
): number {
  const text = env[name]?.trim();
  if (!text) return absent;
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new ConfigurationError(`${name} is ${JSON.stringify(text)}, expected an integer from ${least} to ${most}`);
}
