/** The built worker on this machine: the bindings of `wrangler.toml`, kept on disk by Miniflare. */
import { readdir, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { Miniflare, type MiniflareOptions } from 'miniflare';
import { ConfigurationError, readConfiguration } from '../worker/configuration.ts';
import { edgeBuild } from './build.ts';
import { closed } from './edge/closed.ts';
import { endNewWorkerds, workerds } from './edge/orphans.ts';
import { webhookService } from './edge/webhook-service.ts';
import { StartError } from './start/options.ts';
import { type Migration, migrate, openState, readMigrations } from './state.ts';

export interface EdgeOptions {
  /** Folder for everything that outlives the process; the edge keeps to `state/` in it. */
  readonly home: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Addresses of GPU backends. */
  readonly backends: readonly string[];
  readonly backendSecret: string;
  readonly urlSecret: string;
  /** The variables of `wrangler.toml`'s `[vars]`; default: those of this process. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Where the worker's log goes, one line at a time; default: standard error. */
  readonly log?: (line: string) => void;
}

export interface Edge {
  /** Without a slash at the end. */
  readonly url: string;
  /** Asks the backends which checkpoints they have, as the cron trigger does in production. */
  refreshCheckpoints(): Promise<void>;
  close(): Promise<void>;
}

const workerName = 'darkroom';
const platform = { name: workerName, compatibilityDate: '2026-10-30' } as const;
const database = { type: 'd1', id: 'darkroom' } as const;
/** What may be set from outside; `wrangler.toml` says what each means. */
const variableNames = [
  'PUBLIC_URL',
  'ALLOWED_HOSTS',
  'CORS_ORIGINS',
  'DEFAULT_CHECKPOINT',
  'BLOCKED_TERMS',
  'LOG_PROMPTS',
  'CACHE_MEGABYTES',
  'REUSE_MEGABYTES',
  'BACKLOG',
  'BACKEND_PATIENCE_SECONDS',
  'BACKEND_SILENCE_SECONDS',
  'RETENTION_DAYS',
  'WEBHOOK_SECRET',
  'WEBHOOK_ALLOW_PRIVATE',
];

/**
 * Migrates the state, then serves.
 * @throws StartError when the state is a newer program's, or a variable holds what the worker cannot use
 * @throws Error when the worker is not built, or the port is taken
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const variables = edgeVariables(options);
  checkVariables(variables);
  const state = join(options.home, 'state');
  const migrations = await readMigrations();
  await openState(state, migrations.length);

  await migrateState(state, migrations);
  const others = await workerds();
  const settings = await miniflareOptions(options, state, variables);
  const miniflare = new Miniflare(settings);
  let letGo = () => {};
  try {
    await miniflare.ready;
    letGo = await endNewWorkerds(others);
    const { port } = await miniflare.unsafeGetDirectURL(workerName);
    const edge: Edge = {
      url: `http://${isIPv6(options.host) ? `[${options.host}]` : options.host}:${port}`,
      async refreshCheckpoints() {
        // Miniflare's types lose the method; the object has it.
        const worker = (await miniflare.getWorker(workerName)) as unknown as {
          scheduled(event: { cron: string }): Promise<unknown>;
        };
        await worker.scheduled({ cron: '*/5 * * * *' });
      },
      async close() {
        letGo();
        await miniflare.dispose();
      },
    };
    await edge.refreshCheckpoints();
    return edge;
  } catch (error) {
    letGo();
    await miniflare.dispose().catch(() => {});
    throw error;
  }
}

/** Before the worker has an address: what answers too early answers that there are no tables. */
async function migrateState(state: string, migrations: readonly Migration[]): Promise<void> {
  const miniflare = new Miniflare({
    ...closed,
    resourcePersistencePath: join(state, 'edge'),
    workers: [
      {
        config: {
          ...platform,
          manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: 'export default {}' } } },
          env: { DB: database },
        },
      },
    ],
  });
  try {
    await miniflare.ready;
    await migrate(await miniflare.getD1Database('DB', workerName), migrations);
  } finally {
    await miniflare.dispose();
  }
}

/** Secrets and variables of `wrangler.toml`, all of them texts. */
function edgeVariables(options: EdgeOptions): Record<string, string> {
  const variables = options.variables ?? process.env;
  return {
    ...Object.fromEntries(variableNames.map(name => [name, variables[name] ?? ''])),
    BACKENDS: options.backends.join(','),
    BACKEND_SECRET: options.backendSecret,
    URL_SECRET: options.urlSecret,
    ALLOWED_HOSTS: [options.host, variables.ALLOWED_HOSTS].filter(Boolean).join(','),
  };
}

/** The worker would say so too, but with every request instead of once. */
function checkVariables(variables: Readonly<Record<string, string>>): void {
  try {
    readConfiguration(variables);
  } catch (error) {
    throw error instanceof ConfigurationError ? new StartError(error.message) : error;
  }
}

async function miniflareOptions(
  options: EdgeOptions,
  state: string,
  variables: Readonly<Record<string, string>>,
): Promise<MiniflareOptions> {
  const log = options.log ?? (line => process.stderr.write(`${line}\n`));
  const texts = Object.entries(variables).map(([name, value]) => [name, { type: 'text' as const, value }]);
  return {
    ...closed,
    handleStructuredLogs: entry => log(entry.message),
    resourcePersistencePath: join(state, 'edge'),
    workers: [
      {
        config: {
          ...platform,
          compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
          manifest: { mainModule: 'index.js', modules: await readModules() },
          exports: {
            GenerationObject: { type: 'durable-object', storage: 'sqlite' },
            DevelopmentObject: { type: 'durable-object', storage: 'sqlite' },
            DispatcherObject: { type: 'durable-object', storage: 'sqlite' },
            ContactSheetObject: { type: 'durable-object', storage: 'sqlite' },
            CacheKeeper: { type: 'durable-object', storage: 'sqlite' },
            SimilarityShard: { type: 'durable-object', storage: 'sqlite' },
          },
          env: {
            DB: database,
            BLOBS: { type: 'r2', name: 'darkroom' },
            HOT: { type: 'kv', id: 'darkroom' },
            GENERATIONS: { type: 'durable-object', worker: workerName, exportName: 'GenerationObject' },
            DEVELOPMENTS: { type: 'durable-object', worker: workerName, exportName: 'DevelopmentObject' },
            DISPATCHER: { type: 'durable-object', worker: workerName, exportName: 'DispatcherObject' },
            CONTACT_SHEETS: { type: 'durable-object', worker: workerName, exportName: 'ContactSheetObject' },
            KEEPER: { type: 'durable-object', worker: workerName, exportName: 'CacheKeeper' },
            SIMILARITY: { type: 'durable-object', worker: workerName, exportName: 'SimilarityShard' },
            ...Object.fromEntries(texts),
            // A plain folder instead of the assets' router, which would cost every request two milliseconds.
            ASSETS: { type: 'disk', path: edgeBuild.assets },
            WEBHOOKS: webhookService(readConfiguration(variables).webhookAllowPrivate),
          },
        },
        dev: { unsafeDirectSockets: [{ host: options.host, port: options.port }] },
      },
    ],
  };
}

type Modules = NonNullable<NonNullable<MiniflareOptions['workers']>[number]['config']['manifest']>['modules'];

async function readModules(): Promise<Modules> {
  const names = (await readdir(edgeBuild.worker)).filter(name => /\.(js|wasm|woff)$/.test(name));
  if (!names.includes('index.js')) throw new Error('The worker is not built: npm run build');
  return Object.fromEntries(
    await Promise.all(
      names.map(async name => {
        const bytes = new Uint8Array(await readFile(join(edgeBuild.worker, name)));
        if (name.endsWith('.wasm')) return [name, { type: 'wasm' as const, contents: bytes }];
        if (name.endsWith('.woff')) return [name, { type: 'data' as const, contents: bytes }];
        return [name, { type: 'esm' as const, contents: new TextDecoder().decode(bytes) }];
      }),
    ),
  );
}
