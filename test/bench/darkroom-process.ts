/** Darkroom as a person starts it, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export class DarkroomProcess {
  readonly #home: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(home: string, environment: Readonly<Record<string, string>>) {
    this.#home = home;
    this.#child = spawn(process.execPath, ['scripts/start.ts'], {
      env: { ...process.env, ...environment, DARKROOM_HOME: home, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', text => {
      this.#said += text;
    });
  }

  /** @param environment what differs from this process's */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<DarkroomProcess> {
    return new DarkroomProcess(await mkdtemp(join(tmpdir(), 'darkroom-bench-')), environment);
  }

  /** @returns where it listens, and where its backend does */
  async ready(): Promise<{ readonly url: string; readonly backend: string }> {
    while (!this.#said.includes('Ctrl-C')) {
      if (this.#child.exitCode !== null) throw new Error('it did not start');
      await sleep(20);
    }
    const url = /ready: (\S+)/.exec(this.#said)![1]!;
    return { url, backend: /backend\s+(\S+)/.exec(this.#said)![1]! };
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  async forget(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}
