/** The whole of Darkroom in process groups, each of which can be killed: a worker, and backends with a tiny checkpoint. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probePort } from '../../scripts/start/ports.ts';
import { onDisk, tinyConfigs, tinyFolder } from '../models/tiny-checkpoint.ts';
import { MortalBackend } from './mortal-backend.ts';
import { MortalEdge } from './mortal-edge.ts';

const secret = 'a secret that only one mortal house knows, and long';

export interface HouseOptions {
  /** How many backends. */
  readonly backends: number;
  /** Side of the checkpoint's own pictures, in pixels: how long a step takes. */
  readonly side: number;
  /** What is not as usual with every backend. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Those of `[vars]` in wrangler.toml. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Given the backends' addresses, those that the worker is given instead. */
  readonly addresses?: (backends: readonly string[]) => readonly string[];
}

export class MortalHouse {
  readonly backends: readonly MortalBackend[];
  readonly edge: MortalEdge;
  readonly home: string;
  readonly #checkpoint: string;

  private constructor(home: string, checkpoint: string, backends: readonly MortalBackend[], edge: MortalEdge) {
    this.home = home;
    this.#checkpoint = checkpoint;
    this.backends = backends;
    this.edge = edge;
  }

  /** Of everything new, and started. */
  static async build(options: HouseOptions): Promise<MortalHouse> {
    // The UNet's pixels are two of the picture's.
    const unet = { ...tinyConfigs.unet, sample_size: options.side / 2 };
    const checkpoint = await onDisk(tinyFolder({ ...tinyConfigs, unet }));
    const home = await mkdtemp(join(tmpdir(), 'darkroom-mortal-'));
    const ports: number[] = [];
    for (let i = 0; i <= options.backends; i++) ports.push(await freePort(ports));
    const [port, ...others] = ports as [number, ...number[]];
    const env = { DARKROOM_BACKEND_SECRET: secret, CHECKPOINTS: checkpoint, ...options.environment };
    const backends = others.map((port, i) => new MortalBackend(port, { BACKEND_NAME: `backend-${i + 1}`, ...env }));
    const urls = backends.map(({ url }) => url);
    const edge = new MortalEdge({
      home,
      port,
      secret,
      backends: options.addresses?.(urls) ?? urls,
      variables: options.variables ?? {},
      log: join(home, 'worker.log'),
    });
    const house = new MortalHouse(home, checkpoint, backends, edge);
    try {
      await house.start();
    } catch (error) {
      await house.tearDown();
      throw error;
    }
    return house;
  }

  /** Backends first: at its start the worker asks them what they have. */
  async start(): Promise<void> {
    await Promise.all(this.backends.map(backend => backend.start()));
    await this.edge.start();
  }

  /** The worker forgets everything: it starts anew with an empty state. The backends are left alone. */
  async startOver(): Promise<void> {
    await this.edge.kill();
    await rm(join(this.home, 'state'), { recursive: true, force: true });
    await this.edge.start();
  }

  /** What the worker has logged, in all its lives. */
  async log(): Promise<readonly string[]> {
    const text = await readFile(join(this.home, 'worker.log'), 'utf8').catch(() => '');
    return text.split('\n').filter(line => line !== '');
  }

  /** Denoising steps that all backends have taken, in all their lives. */
  async steps(): Promise<number> {
    const each = await Promise.all(this.backends.map(backend => backend.steps()));
    return each.reduce((sum, steps) => sum + steps, 0);
  }

  async tearDown(): Promise<void> {
    await Promise.all([this.edge.kill(), ...this.backends.map(backend => backend.kill())]);
    await Promise.all([this.home, this.#checkpoint].map(folder => rm(folder, { recursive: true, force: true })));
  }
}

/** None that the system gives to connections: whoever asks a server that is dead might be given its port. */
async function freePort(taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (taken.includes(port)) continue;
    const free = await probePort('127.0.0.1', port).catch(() => null);
    if (free !== null) return free;
  }
}
