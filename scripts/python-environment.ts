/**
 * The Python environment for what only Python can do: training, and reference numbers from diffusers itself. Darkroom
 * runs without it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const requirements = join(root, 'models/training/requirements.txt');
const environment = join(root, '.darkroom/python');
const stamp = join(environment, 'requirements.sha256');
const windows = process.platform === 'win32';
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

/** `python3 -m venv`: Debian has Python without it. */
function makeEnvironment(): void {
  const system = windows ? 'python' : 'python3';
  console.error(`Making a Python environment in ${environment} …`);
  const { error, status, stderr } = spawnSync(system, ['-m', 'venv', environment], { encoding: 'utf8' });
  if (error) throw new PythonError(`${system} cannot be started (${error.message}): install Python 3.11 or newer`);
  if (status === 0) return;
  const reason = /ensurepip|No module named venv/.test(stderr)
    ? 'its module venv is missing'
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
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once('error', error => reject(new PythonError(`${interpreter} cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === 'SIGINT' ? 2 : 15)));
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}

/** Runs a command's work; a PythonError is one line and exit code 1. */
export async function withPython(work: (interpreter: string) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work(await pythonEnvironment());
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
