/** `npm start` as a person meets it: a process, its words, a picture, Ctrl-C. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let home: string;
let started: Darkroom[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'darkroom-start-'));
  started = [];
});
afterEach(async () => {
  for (const darkroom of started) await darkroom.stop('SIGTERM');
  await rm(home, { recursive: true, force: true });
});

class Darkroom {
  output = '';
  /** Of the output, what went to standard error. */
  complaint = '';
  readonly child: ChildProcess;

  constructor(environment: Record<string, string>) {
    this.child = spawn(process.execPath, ['scripts/start.ts'], {
      env: { ...process.env, DARKROOM_HOME: home, PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        if (stream === this.child.stderr) this.complaint += text;
      });
    }
    started.push(this);
  }

  /** The address it prints once it is ready. */
  async url(): Promise<string> {
    for (;;) {
      const url = /Darkroom is ready: (\S+)/.exec(this.output)?.[1];
      if (url) return url;
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.output}`);
      await sleep(50);
    }
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }
}

async function query(url: string, text: string) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  });
  return (await answer.json()) as { data: Answer };
}

interface PictureGeneration {
  readonly id: string;
  readonly status: string;
  readonly images: readonly { readonly url: string }[];
}

/** What the two queries of these tests are answered. */
interface Answer {
  readonly generate: { readonly generation?: PictureGeneration };
  readonly generation: PictureGeneration;
}

const generate = `mutation { generate(input: { prompt: "a cat", steps: 2, seed: 7, wait: 60000 }) {
  ... on GenerateSuccess { generation { id status images { url } } } ... on Error { code message } } }`;

describe('npm start', () => {
  it('makes a picture, keeps it over a restart, and ends on Ctrl-C', async () => {
    const first = new Darkroom({});
    const { data } = await query(await first.url(), generate);
    const made = data.generate.generation!;
    expect(made.status).toBe('SUCCEEDED');
    const picture = await fetch(made.images[0]!.url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    const bytes = await picture.arrayBuffer();
    expect(await first.stop('SIGINT')).toBe(0);

    const second = new Darkroom({});
    const kept = await query(await second.url(), `{ generation(id: "${made.id}") { status images { url } } }`);
    expect(kept.data.generation.status).toBe('SUCCEEDED');
    expect(await (await fetch(kept.data.generation.images[0]!.url)).arrayBuffer()).toEqual(bytes);
  });

  it('starts the backend again when it dies, and the next request works', async () => {
    const darkroom = new Darkroom({});
    const url = await darkroom.url();
    const log = await readFile(join(home, 'backend.log'), 'utf8');
    process.kill(Number(/"pid":(\d+)/.exec(log)![1]), 'SIGKILL');
    let status: string | undefined;
    for (const until = Date.now() + 30_000; Date.now() < until && status !== 'SUCCEEDED'; await sleep(250)) {
      status = (await query(url, generate)).data.generate.generation?.status;
    }
    expect(status).toBe('SUCCEEDED');
    expect(darkroom.output).toContain('Starting it again');
  });

  it('says in one line that its port is taken', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const darkroom = new Darkroom({ PORT: String(port) });
    expect(await darkroom.ended()).toBe(1);
    expect(darkroom.complaint.trim()).toMatch(/^Darkroom cannot start: Port \d+ of 127\.0\.0\.1 is taken.*$/);
    server.close();
  });

  it('says in one line that a checkpoint is missing', async () => {
    const darkroom = new Darkroom({ CHECKPOINTS: join(home, 'nowhere') });
    expect(await darkroom.ended()).toBe(1);
    expect(darkroom.complaint.trim().split('\n')).toHaveLength(1);
    expect(darkroom.output).toContain(join(home, 'nowhere'));
  });

  it('says in one line that the default checkpoint is none of those that it has', async () => {
    const darkroom = new Darkroom({ DEFAULT_CHECKPOINT: 'misspelt' });
    expect(await darkroom.ended()).toBe(1);
    expect(darkroom.complaint.trim()).toMatch(/^Darkroom cannot start: DEFAULT_CHECKPOINT is "misspelt": .*: shipped$/);
  });

  it('says in one line which variable the worker cannot use', async () => {
    const darkroom = new Darkroom({ CORS_ORIGINS: '*' });
    expect(await darkroom.ended()).toBe(1);
    expect(darkroom.complaint.trim()).toBe(
      'Darkroom cannot start: CORS_ORIGINS holds "*": expected an http(s) address',
    );
  });

  it('lets no second Darkroom at the same state', async () => {
    const first = new Darkroom({});
    await first.url();
    const second = new Darkroom({});
    expect(await second.ended()).toBe(1);
    expect(second.output).toContain(`in use by process ${first.child.pid}`);
    expect(await first.stop('SIGINT')).toBe(0);
  });

  it('refuses in one line what a newer Darkroom wrote, and leaves it alone', async () => {
    await mkdir(join(home, 'state'), { recursive: true });
    const version = JSON.stringify({ version: 1_000_000 });
    await writeFile(join(home, 'state/version.json'), version);
    const darkroom = new Darkroom({});
    expect(await darkroom.ended()).toBe(1);
    expect(darkroom.complaint.trim().split('\n')).toHaveLength(1);
    expect(darkroom.output).toContain('newer Darkroom');
    expect(await readFile(join(home, 'state/version.json'), 'utf8')).toBe(version);
  });
});
