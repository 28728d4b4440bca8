/** A process and all that it starts, to be killed as one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithUs } from '../../scripts/edge/orphans.ts';
import { root } from '../backend/backend-process.ts';

export class ProcessGroup {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #letGo: () => void;
  #said = '';
  #complaints = '';

  /**
   * Starts a program of ours in a process group of its own. Nothing of this process's environment that configures
   * Darkroom is passed on.
   */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, args, {
      cwd: root,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.pid = this.#child.pid ?? 0;
    if (this.pid === 0) throw new Error(`${args[0]} cannot be started`);
    this.#letGo = endWithUs([this.pid]);
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      // The first line is all that anybody asks for.
      if (!this.#said.includes('\n')) this.#said += text;
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-10_000);
    });
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it has written to standard error of late. */
  get complaints(): string {
    return this.#complaints;
  }

  /** The first line that it says. @throws Error when it ends without one */
  async firstLine(): Promise<string> {
    while (!this.#said.includes('\n')) {
      if (this.isOver) throw new Error(`it ended without a word: ${this.#complaints}`);
      await Promise.race([once(this.#child.stdout!, 'data'), once(this.#child, 'exit')]);
    }
    return this.#said.split('\n', 1)[0]!;
  }

  /** SIGSTOP: it does nothing, and its connections stay open. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  goOn(): void {
    this.#signal('SIGCONT');
  }

  /** SIGKILL: nobody in it is told that it is to end. */
  async kill(): Promise<void> {
    const gone = this.isOver ? null : once(this.#child, 'exit');
    this.#letGo();
    this.#signal('SIGKILL');
    await gone;
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      // Nobody is left of it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
