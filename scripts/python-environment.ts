/**
 * The Python environment for what only Python can do: training, and reference numbers from diffusers itself. Darkroom
 * runs without it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const requirements = join(root, 'models/training/requirements.txt');
const environment = join(root, '.darkroom/python');
const stamp = join(environment, 'requirements.sha256');
const windows = process.platform === 'win32';
/** What the pinned packages need. */
const oldest = [3, 11] as const;
const python = join(environment, windows ? 'Scripts/python.exe' : 'bin/python');

/** What keeps the environment from being made, in one line. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
}

/**
 * Makes `.darkroom/python` with everything in `models/training/requirements.txt`, unless it is there and up to date.
 * Shows pip's progress: the first time takes minutes.
 * @returns the path of its interpreter
 * @throws PythonError
 */
export async function pythonEnvironment(): Promise<string> {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  if (!existsSync(python)) makeEnvironment();
  console.error(`Installing what ${requirements} lists (once, about 5 GB with PyTorch) …`);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--requirement', requirements];
  const code = await runPython(python, pip);
  if (code !== 0) throw new PythonError(`pip could not install ${requirements}: exit code ${code}`);
  writeFileSync(stamp, wanted);
  return python;
}

/**
 * The machine's own Python, with nothing installed: enough for what imports nothing, such as a program's help.
 * @throws PythonError where there is none, or one that is too old
 */
export function systemPython(): string {
  const system = windows ? 'python' : 'python3';
  const { error, stdout } = spawnSync(system, ['--version'], { encoding: 'utf8' });
  if (error)
    throw new PythonError(
      `${system} cannot be started (${error.message}): install Python ${oldest.join('.')} or newer`,
    );
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) !== oldest[0] || Number(minor) < oldest[1]) {
    throw new PythonError(`${system} is ${stdout.trim()}: Python ${oldest.join('.')} or newer is needed`);
  }
  return system;
}

/** Debian has Python without its module venv, and what it then leaves behind is no environment. */
function makeEnvironment(): void {
  const system = systemPython();
  console.error(`Making a Python environment in ${environment} …`);
  const { status, stderr } = spawnSync(system, ['-m', 'venv', environment], { encoding: 'utf8' });
  if (status === 0) return;
  rmSync(environment, { recursive: true, force: true });
  const missing = /ensurepip|No module named venv/.test(stderr);
  const reason = missing
    ? 'its module venv is missing (Debian: apt install python3-venv)'
    : stderr.trim().split('\n').at(-1);
  throw new PythonError(`${system} cannot make an environment: ${reason}`);
}

/**
 * Runs Python in the project's root with this process's input and output. Signals go on to it.
 * @returns its exit code; 128 and the signal's number where a signal ended it
 */
export function runPython(
  interpreter: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const child = spawn(interpreter, args, { cwd: root, stdio: 'inherit', env });
  const forward = (signal: NodeJS.Signals) => {
    // Ctrl-C reaches the child by itself; twice would tell it to stop without saving.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once('error', error => reject(new PythonError(`${interpreter} cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}

/** Runs a command's work; a PythonError is one line and exit code 1. */
export async function withPython(
  work: (interpreter: string) => Promise<number>,
  find: () => string | Promise<string> = pythonEnvironment,
): Promise<void> {
  try {
    process.exitCode = await work(await find());
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
