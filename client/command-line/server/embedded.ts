/** A Darkroom of the command's own: `npm start` on a free port, with the state it always has. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holderOf } from '../../../scripts/start/lock.ts';
import { NoServerError, UsageError } from '../troubles.ts';
import { freed } from './freed-home.ts';
import { type Environment, program, root, startEnvironment } from './program.ts';
import { borrowed, type Server } from './server.ts';

export interface EmbeddedOptions {
  readonly env: Environment;
  /** Whether it outlives the command. */
  readonly keepRunning: boolean;
  /** Whether what is asked of it goes on when the command has ended. */
  readonly lasting: boolean;
  /** Told what takes a while. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

const stopWithinMs = 3_000;

/**
 * Starts one, or uses the one that has the folder already. Where that one ends together with another command, its end is
 * waited for: who borrowed it would be cut off.
 *
 * @throws NoServerError where it does not start, or the folder is held by who does not answer; UsageError where it would end
 * before what is asked of it; the signal's reason
 */
export async function embeddedServer(options: EmbeddedOptions): Promise<Server> {
  const { keepRunning, lasting } = options;
  const env = startEnvironment({ ...options.env, HOST: '127.0.0.1', PORT: '0' });
  for (;;) {
    const holder = await freed(env.DARKROOM_HOME, options);
    if (holder) return borrowed(holder.url);
    if (lasting && !keepRunning) {
      throw new UsageError(
        'No Darkroom runs, and one that is started for this command ends with it: add --keep-running, or leave out --detach',
      );
    }
    const started = await start(env, options);
    // Null: another one was faster.
    if (started) return started;
  }
}

/** @returns null where another process was faster to take the folder */
async function start(
  env: ReturnType<typeof startEnvironment>,
  { keepRunning, note, signal }: EmbeddedOptions,
): Promise<Server | null> {
  note('No Darkroom answers: starting one …');
  const home = env.DARKROOM_HOME;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const logFile = join(home, 'embedded.log');
  const log = await open(logFile, 'w');
  const child = spawn(program[0], [program[1]], {
    cwd: root,
    env: env as NodeJS.ProcessEnv,
    // A group of its own, which the terminal's Ctrl-C does not reach: first what it makes is cancelled. The channel tells it
    // when this process ends, however it ends.
    detached: true,
    stdio: ['ignore', log.fd, log.fd, ...(keepRunning ? [] : ['ipc' as const])],
  });
  try {
    const url = await addressOf(child, home, signal);
    if (url === null) {
      if (await holderOf(home)) return null;
      throw new NoServerError(await lastWords(logFile));
    }
    note(keepRunning ? `${url} is ready, and stays: end it with kill ${child.pid}` : `${url} is ready`);
    return { url, close: keepRunning ? async () => {} : () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  } finally {
    await log.close();
  }
}

/** Where it answers; null when it ends before it does. */
async function addressOf(child: ChildProcess, home: string, signal: AbortSignal): Promise<string | null> {
  while (child.exitCode === null && child.signalCode === null) {
    signal.throwIfAborted();
    const holder = await holderOf(home);
    if (holder?.pid === child.pid && holder?.url) return holder.url;
    await sleep(20);
  }
  return null;
}

/** What it said before it ended. */
async function lastWords(file: string): Promise<string> {
  const [, reason] = /^Darkroom cannot start: (.*)$/m.exec(await readFile(file, 'utf8')) ?? [];
  return reason ?? `The server ended at start: see ${file}`;
}

/** As Ctrl-C does; where that takes too long, it is left to end by itself. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(stopWithinMs)]);
}
