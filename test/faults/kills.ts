/** Kills the worker while it stores, over and over, and looks at what is left. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MersenneTwister } from '../../models/noise/mersenne-twister.ts';
import { askGraphql } from '../ask-graphql.ts';
import { type BackendProcess, startBackendProcess } from '../backend/backend-process.ts';
import { onDisk, tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { StateOnDisk } from './state-on-disk.ts';

const secret = 'a secret that only one doomed worker knows';
const prompts = ['a', 'b', 'a b', 'b a'];
const seedsOfEach = 3;

export interface Killed {
  /** How often something had changed on disk since everything was asked for, or files of R2 alone. */
  readonly after: number;
  /** How many latents it had stored. */
  readonly stored: number;
  /** Files and rows that it had left half done, and the next sweep has found. */
  readonly orphans: number;
  /** What was wrong after that sweep. */
  readonly findings: readonly string[];
}

interface Doomed {
  readonly url: string;
  readonly child: ChildProcess;
  readonly workers: readonly number[];
}

interface Asked {
  readonly prompt: string;
  readonly seed: number;
  readonly reuse: 'EXACT' | 'APPROXIMATE';
}

/** All that is asked for at once. Every second prompt goes on from the steps of others, where there are some by then. */
export const everything: readonly Asked[] = prompts.flatMap((prompt, i) =>
  Array.from({ length: seedsOfEach }, (_, seed) => ({ prompt, seed, reuse: i % 2 === 0 ? 'EXACT' : 'APPROXIMATE' })),
);

export class Kills {
  readonly #folder: string;
  readonly #home: string;
  readonly #backend: BackendProcess;
  readonly #random: MersenneTwister;
  /** How often something changes on disk until everything is stored, when nobody is killed. */
  #calmChanges = { all: 0, files: 0 };
  #kills = 0;
  /** What each latent is, by its key. */
  readonly #digests = new Map<string, string>();

  private constructor(folder: string, home: string, backend: BackendProcess, seed: number) {
    this.#folder = folder;
    this.#home = home;
    this.#backend = backend;
    this.#random = new MersenneTwister(seed);
  }

  /** @param seed of the moments */
  static async prepare(seed: number): Promise<Kills> {
    const folder = await onDisk(withExtras(tinyFolder()));
    const home = await mkdtemp(join(tmpdir(), 'darkroom-kills-'));
    const backend = startBackendProcess({ DARKROOM_BACKEND_SECRET: secret, CHECKPOINTS: folder });
    await backend.ready();
    const kills = new Kills(folder, home, backend, seed);
    // What everything comes to by itself, if nobody is killed. Twice, for at first the models are loaded.
    for (let i = 0; i < 2; i++) {
      const calm = await kills.#start();
      await forgetAll(calm);
      const disk = kills.#watch();
      for (const { latent } of await Promise.all(everything.map(each => made(calm, { ...each, reuse: 'EXACT' })))) {
        kills.#digests.set(latent.key, latent.digest);
      }
      kills.#calmChanges = disk.count;
      disk.stop();
      await kill(calm);
    }
    return kills;
  }

  /** Has everything made from nothing, kills the worker meanwhile, and looks. */
  async once(): Promise<Killed> {
    const doomed = await this.#start();
    await forgetAll(doomed);
    // Every second time right after a file was written, when its row is not there yet.
    const of = this.#kills++ % 2 === 0 ? 'files' : 'all';
    const after = 1 + Math.floor((this.#random.next() / 2 ** 32) * this.#calmChanges[of]);
    const disk = this.#watch();
    const all = allMade(doomed);
    // Where there are fewer changes this time, it is killed in the end.
    await Promise.race([disk.reaches(of, after), all]);
    await kill(doomed);
    disk.stop();
    await all;

    const state = await StateOnDisk.open(this.#home);
    try {
      const orphans = await state.sweep();
      return { after, stored: await state.latents(), orphans, findings: await state.findings(this.#digests) };
    } finally {
      await state.close();
    }
  }

  /** Has everything made once more, and found: what was killed has not spoilt anything. @returns what is wrong */
  async aftermath(): Promise<readonly string[]> {
    const edge = await this.#start();
    try {
      // First what the last kill has left: making it anew would put it there.
      const lost = await lostIn(edge);
      const all = await Promise.all(everything.map(each => made(edge, each)));
      const isWrong = ({ latent: { key, digest } }: Stored) => (this.#digests.get(key) ?? digest) !== digest;
      for (const key of await lostIn(edge)) lost.add(key);
      return [
        ...all.filter(isWrong).map(({ latent }) => `latent ${latent.key} is ${latent.digest}`),
        ...[...lost].map(key => `latent ${key} is not found by likeness`),
      ];
    } finally {
      await kill(edge);
    }
  }

  /** How many different latents have gone on from others' steps and were looked at. */
  get spared(): number {
    return this.#digests.size - everything.length;
  }

  async end(): Promise<void> {
    this.#backend.child.kill('SIGKILL');
    await this.#backend.ended;
    await Promise.all([this.#folder, this.#home].map(folder => rm(folder, { recursive: true, force: true })));
  }

  /** Counts what changes on disk, from now on. */
  #watch() {
    const count = { all: 0, files: 0 };
    let look = () => {};
    const watcher = watch(join(this.#home, 'state', 'edge'), { recursive: true }, (_, name) => {
      count.all++;
      if (name?.startsWith('r2')) count.files++;
      look();
    });
    return {
      count,
      reaches: (of: keyof typeof count, number: number) =>
        new Promise<void>(resolve => {
          look = () => {
            if (count[of] >= number) resolve();
          };
        }),
      stop: () => watcher.close(),
    };
  }

  async #start(): Promise<Doomed> {
    const backend = `http://127.0.0.1:${await this.#backend.port()}`;
    const child = spawn(process.execPath, ['test/faults/doomed-edge.ts', this.#home, backend, secret], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      said += text;
      if (said.includes('\n')) break;
    }
    if (!said.includes('\n')) throw new Error('the worker did not start');
    return { child, ...(JSON.parse(said) as Pick<Doomed, 'url' | 'workers'>) };
  }
}

/** The worker itself first: nothing is told that it is to end. */
async function kill({ child, workers }: Doomed): Promise<void> {
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Everything, as far as the worker lives to make it. Who goes on from others begins when the first of those is there. */
async function allMade(doomed: Doomed): Promise<void> {
  const make = (each: Asked) => made(doomed, each).catch(() => null);
  const whole = everything.filter(({ reuse }) => reuse === 'EXACT').map(make);
  await Promise.race(whole);
  await Promise.all([...whole, ...everything.filter(({ reuse }) => reuse === 'APPROXIMATE').map(make)]);
}

/** Keys of the latents that are there, and are not found by their likeness to another one. */
async function lostIn(edge: Doomed): Promise<Set<string>> {
  const { latents } = await askGraphql(edge.url, '{ latents(first: 100) { edges { node { key } } } }');
  const keys = keysIn(latents);
  const lost = new Set<string>();
  for (const key of keys.slice(0, 3)) {
    const query = `{ similar(to: { latentKey: "${key}" }, space: LATENT, first: 100) { edges { node { key } } } }`;
    const found = new Set([key, ...keysIn((await askGraphql(edge.url, query)).similar)]);
    for (const each of keys) if (!found.has(each)) lost.add(each);
  }
  return lost;
}

function keysIn({ edges }: { readonly edges: readonly { readonly node: { readonly key: string } }[] }): string[] {
  return edges.map(({ node }) => node.key);
}

interface Stored {
  readonly latent: { readonly key: string; readonly digest: string };
}

/** @throws Error when the worker dies, or does not make it */
async function made(doomed: Doomed, each: Asked): Promise<Stored> {
  const query = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { message }
    ... on RetryLaterError { retryAfterMs } ... on GenerateSuccess { generation { images { latent { key digest } } } } } }`;
  for (;;) {
    const { generate } = await askGraphql(doomed.url, query, { input: { ...each, steps: 5, wait: 60_000 } });
    if (!generate.retryAfterMs) return generate.generation.images[0];
    await sleep(generate.retryAfterMs);
  }
}

/** Deletes everything, so that it is stored again. */
async function forgetAll(doomed: Doomed): Promise<void> {
  for (;;) {
    const { generations } = await askGraphql(doomed.url, '{ generations(first: 100) { edges { node { id } } } }');
    if (generations.edges.length === 0) break;
    for (const { node } of generations.edges) {
      await askGraphql(doomed.url, 'mutation ($id: ID!) { deleteGeneration(id: $id) { __typename } }', { id: node.id });
    }
  }
  const { latents } = await askGraphql(doomed.url, '{ latents(first: 100) { edges { node { key } } } }');
  for (const { node } of latents.edges) {
    await askGraphql(doomed.url, 'mutation ($key: String!) { deleteLatent(key: $key) { __typename } }', {
      key: node.key,
    });
  }
}
