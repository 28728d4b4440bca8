/** A worker that can be killed with all that hosts it, and started again at the same port with the same state. */
import { readFile } from 'node:fs/promises';
import type { DoomedOptions } from './doomed-edge.ts';
import { ProcessGroup } from './process-group.ts';

export interface EdgeSettings {
  /** Folder for its state. */
  readonly home: string;
  readonly port: number;
  /** Addresses. */
  readonly backends: readonly string[];
  readonly secret: string;
  /** Those of `[vars]` in wrangler.toml. */
  readonly variables: Readonly<Record<string, string>>;
  /** A file for its log. */
  readonly log: string;
}

export class MortalEdge {
  readonly url: string;
  readonly #args: readonly string[];
  #group: ProcessGroup | null = null;
  #workers: readonly number[] = [];

  constructor({ home, port, backends, secret, variables, log }: EdgeSettings) {
    this.url = `http://127.0.0.1:${port}`;
    const more: DoomedOptions = { port, variables, log };
    this.#args = ['test/faults/doomed-edge.ts', home, backends.join(), secret, JSON.stringify(more)];
  }

  /** Until it answers. @throws Error with its last words when it ends instead */
  async start(): Promise<void> {
    this.#group = new ProcessGroup(this.#args);
    this.#workers = (JSON.parse(await this.#group.firstLine()) as { readonly workers: readonly number[] }).workers;
  }

  /** Bytes that workerd has in memory. */
  async resident(): Promise<number> {
    const each = this.#workers.map(async pid => {
      const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
      return 1024 * Number(kilobytes);
    });
    return (await Promise.all(each)).reduce((sum, bytes) => sum + bytes, 0);
  }

  async kill(): Promise<void> {
    const group = this.#group;
    this.#group = null;
    await group?.kill();
  }
}
