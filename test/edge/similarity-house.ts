/** The embedded similarity index where it runs: under Miniflare, its Durable Objects on disk. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Miniflare, type MiniflareOptions } from 'miniflare';
import { closed } from '../../scripts/edge/closed.ts';
import { endWithUs, workerds } from '../../scripts/edge/orphans.ts';
import type { Collection } from '../../worker/similarity/similarity-index.ts';
import { edgeModules } from './edge-modules.ts';
import type { IndexCall } from './similarity-worker.ts';

const name = 'similarity';
const entry = 'test/edge/similarity-worker.ts';

export class SimilarityHouse {
  readonly #folder: string;
  #miniflare!: Miniflare;
  #url!: string;
  #pid: number | undefined;
  #letGo = () => {};

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<SimilarityHouse> {
    const house = new SimilarityHouse(await mkdtemp(join(tmpdir(), 'darkroom-similarity-')));
    await house.#start();
    return house;
  }

  /** Stops and comes back with what is on disk. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  /** @throws Error with the name and message of what the index threw */
  async ask<Answer = null>(collection: Collection, call: IndexCall): Promise<Answer> {
    const response = await fetch(this.#url, { method: 'POST', body: JSON.stringify({ ...call, collection }) });
    const { answer, error } = (await response.json()) as { answer: Answer; error?: { name: string; message: string } };
    if (error) throw Object.assign(new Error(error.message), { name: error.name });
    return answer;
  }

  /** What the runtime's process takes, in bytes; null where the system does not say so in a file. */
  async residentBytes(): Promise<number | null> {
    const status = await readFile(`/proc/${this.#pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
  }

  /** What the runtime's process has computed, in milliseconds; 0 where the system does not say so in a file. */
  async cpuMs(): Promise<number> {
    const stat = await readFile(`/proc/${this.#pid}/stat`, 'utf8').catch(() => '');
    // After the command in brackets: the 12th and 13th are user and system time, in hundredths of a second.
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return 10 * (user + system);
  }

  async tearDown(): Promise<void> {
    await this.#stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const options: MiniflareOptions = {
      ...closed,
      resourcePersistencePath: this.#folder,
      workers: [
        {
          config: {
            name,
            compatibilityDate: '2026-10-30',
            compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
            manifest: { mainModule: entry, modules: await edgeModules(entry) },
            exports: { SimilarityShard: { type: 'durable-object', storage: 'sqlite' } },
            env: { SIMILARITY: { type: 'durable-object', worker: name, exportName: 'SimilarityShard' } },
          },
          dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
        },
      ],
    };
    const others = await workerds();
    this.#miniflare = new Miniflare(options);
    await this.#miniflare.ready;
    const own = (await workerds()).filter(pid => !others.includes(pid));
    this.#pid = own[0];
    this.#letGo = endWithUs(own);
    this.#url = String(await this.#miniflare.unsafeGetDirectURL(name));
  }

  async #stop(): Promise<void> {
    this.#letGo();
    await this.#miniflare.dispose();
  }
}
