import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Readiness } from '../../wire/readiness.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A backend in a process of its own. */
export interface BackendProcess {
  readonly child: ChildProcess;
  /** The lines of its log so far, parsed. */
  readonly events: Record<string, unknown>[];
  /** What it wrote to standard error so far. */
  complaints(): string;
  /** Its port, once it listens. */
  port(): Promise<number>;
  /** Polls `/ready` until it is 200. */
  ready(): Promise<Readiness>;
  /** How it ended: the exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/**
 * Starts a backend. Nothing of this process's environment that configures one is passed on.
 * @param command program and arguments, as from the root of the repository
 */
export function startBackendProcess(
  env: Record<string, string>,
  { command = [process.execPath, 'gpu-backend/main.ts'], cwd = root }: { command?: string[]; cwd?: string } = {},
): BackendProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
    env: { PATH, HOME, HOST: '127.0.0.1', PORT: '0', THREADS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Record<string, unknown>[] = [];
  let rest = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = new Promise<number | string>(resolve => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'lost'));
  });
  const poll = async <T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> => {
    for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
      const found = await look();
      if (found !== null) return found;
      if (child.exitCode !== null) break;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    throw new Error(`the backend is not ${what}: ${complaints} ${JSON.stringify(events)}`);
  };
  const port = () =>
    poll('listening', () => (events.find(({ event }) => event === 'listening')?.port as number | undefined) ?? null);
  return {
    child,
    events,
    complaints: () => complaints,
    port,
    ended,
    async ready() {
      const url = `http://127.0.0.1:${await port()}/ready`;
      return poll('ready', async () => {
        const response = await fetch(url);
        const body: unknown = await response.json();
        return response.ok ? (body as Readiness) : null;
      });
    },
  };
}
