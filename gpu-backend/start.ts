import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Authenticator } from './authentication.ts';
import { type Backend, defaultTimeouts, type PublishedCheckpoint, type Timeouts } from './backend.ts';
import { BrowserFiles } from './browser-files.ts';
import type { Configuration } from './configuration.ts';
import { readDigests, writeDigests } from './digest-file.ts';
import type { KnownDigests } from './digest-memory.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { planCheck } from './plan-check.ts';
import { thisProcessor } from './processor.ts';
import { JobQueue } from './queue.ts';
import { Stopped } from './run-route.ts';
import { createBackendServer, listen } from './server.ts';
import { SessionPool } from './session-pool.ts';
import type { Loaded } from './thread-messages.ts';

export interface RunningBackend {
  readonly port: number;
  /** Settles when `/ready` answers 200. @throws Unloadable */
  readonly loaded: Promise<void>;
  /** Refuses new requests, ends jobs at their next step, and resolves when nothing is left. */
  stop(): Promise<void>;
}

/** Milliseconds a job has for reaching its next step when the backend stops. */
const grace = 1500;

/**
 * Starts a backend in this process: listens at once, loads its checkpoints, serves.
 * @param options `program` is the job threads' program; `timeouts` those of the HTTP server
 * @throws the system's error when it cannot listen
 */
export async function startBackend(
  configuration: Configuration,
  options: { log: Log; program?: URL; timeouts?: Partial<Timeouts> },
): Promise<RunningBackend> {
  const { log } = options;
  const bootId = randomUUID();
  const stopping = new AbortController();
  const { checkpoints, eager, memoryBudget, providers, threads, jobs, batch, home } = configuration;
  const queue = new JobQueue(jobs * batch, configuration.queueLimit);
  const metrics: Metrics = new Metrics({ queue, memoryBudget, held: () => pool.held });
  const digestFile = home && join(home, 'checkpoint-digests.json');
  const digests = await recall(digestFile, log);
  const processor = await thisProcessor();
  const pool = new SessionPool({
    size: jobs,
    settings: {
      checkpoints,
      eager,
      // Every thread has sessions of its own, and any job may come to any of them.
      memoryBudget: Math.floor(memoryBudget / jobs),
      isAlone: jobs === 1,
      batch,
      digests,
      providers,
      threads,
    },
    log,
    onCrash: () => metrics.threadCrashed(),
    onSession: change => metrics.sessionChanged(change),
    onUNetCall: () => metrics.unetCalled(),
    ...(options.program && { program: options.program }),
  });
  let published: readonly PublishedCheckpoint[] = [];
  const backend: Backend = {
    get identity() {
      const { runtime = '', executionProvider = '' } = pool.loaded ?? {};
      return { name: configuration.name, bootId, runtime, executionProvider, threads, processor, batch };
    },
    authenticator: new Authenticator(configuration.secret, bootId),
    queue,
    pool,
    metrics,
    log,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    stopping: stopping.signal,
    checkpoints: () => published,
    checkpoint: digest => published.find(({ card }) => card.digest === digest),
  };

  const server = createBackendServer(backend);
  const port = await listen(server, configuration.host, configuration.port);
  log('info', 'listening', { host: configuration.host, port, bootId, pid: process.pid });
  const began = performance.now();
  const loaded = pool.start().then(async result => {
    published = publish(result, checkpoints);
    const names = result.cards.map(({ name, digest }) => ({ name, digest }));
    const { runtime, executionProvider } = result;
    log('info', 'ready', { ms: Math.round(performance.now() - began), runtime, executionProvider, checkpoints: names });
    await remember(digestFile, result.digests, log);
  });

  return {
    port,
    loaded,
    async stop() {
      stopping.abort(new Stopped('the backend is being stopped'));
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      // A connection that is kept alive is only closed when it is idle at this moment.
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      const timer = setTimeout(() => server.closeAllConnections(), grace);
      await closed;
      clearInterval(sweep);
      clearTimeout(timer);
      await pool.stop();
      log('info', 'stopped');
    },
  };
}

/** @param folders of the checkpoints, in the order of their cards */
function publish({ cards, digests }: Loaded, folders: readonly string[]): PublishedCheckpoint[] {
  return cards.map((card, i) => ({
    card,
    json: Buffer.from(JSON.stringify(card)),
    check: planCheck(card),
    files: new BrowserFiles(folders[i] ?? '', card, digests),
  }));
}

/** Digests are only faster to look up than to compute: what hinders that is told, and hinders nothing else. */
async function recall(file: string | null, log: Log): Promise<KnownDigests> {
  if (file === null) return {};
  return readDigests(file).catch((error: Error) => {
    log('warn', 'digests_unreadable', { file, reason: error.message });
    return {};
  });
}

async function remember(file: string | null, digests: KnownDigests, log: Log): Promise<void> {
  if (file === null) return;
  await writeDigests(file, digests).catch((error: Error) => {
    log('warn', 'digests_not_kept', { file, reason: error.message });
  });
}
