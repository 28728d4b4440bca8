import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../../wire/readiness.ts';
import { StartError } from './options.ts';

export interface BackendProcessOptions {
  readonly port: number;
  readonly secret: string;
  readonly checkpoints: readonly string[];
  /** Where it may remember things; its log is there too. */
  readonly home: string;
  readonly logFile: string;
  /** Told when the backend died and is started again. */
  readonly onRestart: (message: string) => void;
}

/** Longest pause before a backend that keeps dying is started again. */
const longestPauseMs = 5_000;
/** A backend that ran this long had started well: its next start is tried at once. */
const steadyMs = 10_000;

/**
 * The GPU backend as a child process that is started again when it dies.
 * It keeps its port over restarts, so that the worker finds it where it was.
 */
export class BackendProcess {
  readonly url: string;
  readonly #options: BackendProcessOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #stopping = false;
  #lastWords = '';
  #pauseMs = 100;

  constructor(options: BackendProcessOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}`;
    this.#log = createWriteStream(options.logFile);
    this.#log.on('error', error => options.onRestart(`The backend's log cannot be written: ${error.message}`));
  }

  /**
   * Starts the backend and waits until its checkpoints are loaded.
   * @throws StartError with the backend's own last line when it ends before that
   */
  async start(): Promise<Readiness> {
    const child = this.#spawn();
    while (!this.#stopping) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new StartError(this.#lastWords || `The GPU backend ended at start: see ${this.#options.logFile}`);
      }
      const answer = await fetch(`${this.url}/ready`).catch(() => null);
      if (answer?.ok) {
        child.once('exit', () => this.#restart());
        return (await answer.json()) as Readiness;
      }
      await answer?.body?.cancel();
      await sleep(50);
    }
    throw new StartError('Stopped while starting');
  }

  /** Ends the backend: politely, after 2 s by force. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await ended;
      clearTimeout(force);
    }
    this.#log.end();
  }

  #spawn(): ChildProcess {
    const { port, secret, checkpoints, home } = this.#options;
    const child = spawn(process.execPath, ['gpu-backend/main.ts'], {
      // The IPC channel closes when this process dies, however it dies: the backend then ends too.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        // glibc then gives large blocks back when they are freed, as those of a checkpoint that makes room for another;
        // left alone it raises this threshold and keeps them. Other C libraries do not know the variable.
        MALLOC_MMAP_THRESHOLD_: '131072',
        ...process.env,
        HOST: '127.0.0.1',
        PORT: String(port),
        DARKROOM_BACKEND_SECRET: secret,
        CHECKPOINTS: checkpoints.join(','),
        DARKROOM_HOME: home,
      },
    });
    child.stdout!.pipe(this.#log, { end: false });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#log.write(text);
      this.#lastWords = text.trim().split('\n').at(-1) ?? '';
    });
    this.#child = child;
    return child;
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return;
    this.#options.onRestart(`The GPU backend ended${this.#lastWords ? `: ${this.#lastWords}` : ''}. Starting it again`);
    await sleep(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    if (this.#stopping) return;
    const startedAt = Date.now();
    this.#spawn().once('exit', () => {
      if (Date.now() - startedAt > steadyMs) this.#pauseMs = 100;
      void this.#restart();
    });
  }
}
