import { connect } from 'node:net';
import type { Timeouts } from '../../gpu-backend/backend.ts';
import type { Configuration } from '../../gpu-backend/configuration.ts';
import { createLog } from '../../gpu-backend/log.ts';
import { type RunningBackend, startBackend } from '../../gpu-backend/start.ts';
import { BackendClient } from '../../wire/client.ts';
import { Signer } from '../../wire/signature.ts';

export const secret = 'a secret that only the tests of the backend know';

/** A whole backend on a port of its own, with pretended models where its job threads' program is not the real one. */
export interface PretendBackend extends RunningBackend {
  readonly url: string;
  readonly client: BackendClient;
  /** The lines of its log, parsed. */
  readonly events: Record<string, unknown>[];
  /** The value of a metric, e.g. `darkroom_jobs_total{outcome="failed"}`; 0 where it is not there. */
  metric(name: string): Promise<number>;
  /** The headers that sign a request to it. */
  sign(method: string, path: string, body?: Uint8Array<ArrayBuffer>): Promise<Record<string, string>>;
  /** Writes bytes as they are and returns all that comes back until the connection ends. */
  raw(text: string | Uint8Array, options?: { end?: boolean }): Promise<string>;
}

/** @param program of the job threads */
export async function startPretendBackend(
  change: Partial<Configuration> = {},
  timeouts: Partial<Timeouts> = {},
  program = new URL('./threads/pretend.ts', import.meta.url),
): Promise<PretendBackend> {
  const events: Record<string, unknown>[] = [];
  const configuration: Configuration = {
    secret,
    checkpoints: [],
    eager: 'first',
    memoryBudget: 2 ** 30,
    home: null,
    host: '127.0.0.1',
    port: 0,
    providers: ['cpu'],
    threads: 1,
    jobs: 1,
    batch: 1,
    queueLimit: 2,
    name: 'pretender',
    ...change,
  };
  const backend = await startBackend(configuration, {
    log: createLog(line => events.push(JSON.parse(line))),
    program,
    timeouts,
  });
  const url = `http://127.0.0.1:${backend.port}`;
  const client = new BackendClient({ url, secret });
  return {
    ...backend,
    url,
    client,
    events,
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find(candidate => candidate.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
    async sign(method, path, body = new Uint8Array(0)) {
      const { bootId } = await client.ready();
      return new Signer(secret).sign({ method, path, body, bootId });
    },
    raw(text, { end = false } = {}) {
      return new Promise((resolve, reject) => {
        const socket = connect(backend.port, '127.0.0.1');
        let answer = '';
        socket.on('data', chunk => {
          answer += chunk.toString('latin1');
        });
        socket.on('close', () => resolve(answer)).on('error', reject);
        if (end) socket.end(text);
        else socket.write(text);
      });
    },
  };
}

/** Waits until something is so. */
export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 5000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${condition}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
