/** The `darkroom` command as it is typed: a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { outcome, type Surroundings } from '../../client/command-line/outcome.ts';

export const binary = new URL('../../client/command-line/bin.js', import.meta.url).pathname;

export interface Said {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Standard output as text, without the last line's end. */
  readonly text: string;
}

export interface Typing {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  /** Told once it runs. */
  readonly begun?: (child: ChildProcess) => void;
  /** Default: this Node with the command's own first file. */
  readonly program?: readonly string[];
}

/** Runs it to its end. Nothing of this process's environment that configures it is passed on. */
export async function typed(args: readonly string[], typing: Typing): Promise<Said> {
  const { cwd, env = {}, input, begun, program = [process.execPath, binary] } = typing;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program[0]!, [...program.slice(1), ...args], { cwd, env: { PATH, HOME, ...env } });
  begun?.(child);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | string>(resolve => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'lost'));
  });
  // A test may have closed it.
  const remarks = text(child.stderr).catch(() => '');
  const [code, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), remarks]);
  return { code, stdout, stderr, text: stdout.toString().replace(/\n$/, '') };
}

/** What a command says, in this process: for all that is not about processes. Its folder is that of this process. */
export async function said(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  terminal: { readonly isTTY?: true; readonly columns?: number; readonly rows?: number } = {},
): Promise<Said> {
  const errors: string[] = [];
  const stderr = { ...terminal, write: (text: string) => errors.push(text) > 0 } as Surroundings['stderr'];
  const { text, exitCode } = await outcome(args, { env, stderr, signal: new AbortController().signal });
  const stdout = Buffer.from(text);
  return { code: exitCode, stdout, stderr: errors.join(''), text: stdout.toString().replace(/\n$/, '') };
}
