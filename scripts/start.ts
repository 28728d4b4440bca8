/** `npm start`: the GPU backend and the worker on one machine, with state that outlives them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ServableCheckpoint } from '../wire/readiness.ts';
import { buildEdge } from './build.ts';
import { startEdge } from './miniflare.ts';
import { BackendProcess } from './start/backend-process.ts';
import { checkDefaultCheckpoint } from './start/default-checkpoint.ts';
import { checkExposure } from './start/exposure.ts';
import { openHome, urlSecret } from './start/home.ts';
import { lockHome, tellAddress } from './start/lock.ts';
import { help, parseOptions, StartError } from './start/options.ts';
import { probePort } from './start/ports.ts';
import { Shutdown } from './start/shutdown.ts';

async function start(shutdown: Shutdown): Promise<void> {
  const options = parseOptions(process.env);
  checkExposure(options.host, process.env);
  const port = await probePort(options.host, options.port);
  await openHome(options.home);
  shutdown.add(await lockHome(options.home));
  const secret = randomBytes(32).toString('hex');
  const backend = new BackendProcess({
    port: await probePort('127.0.0.1', 0),
    secret,
    checkpoints: options.checkpoints,
    home: options.home,
    logFile: join(options.home, 'backend.log'),
    onRestart: message => console.error(message),
  });
  shutdown.add(() => backend.stop());

  const [ready] = await Promise.all([backend.start(), buildEdge(() => console.log('Building the worker …'))]);
  checkDefaultCheckpoint(
    process.env,
    ready.checkpoints.map(({ name }) => name),
  );
  const edge = await startEdge({
    home: options.home,
    host: options.host,
    port,
    backends: [backend.url],
    backendSecret: secret,
    urlSecret: await urlSecret(options.home),
  });
  shutdown.add(() => edge.close());
  shutdown.takeSignals();
  await tellAddress(options.home, edge.url, process.connected);

  const { runtime, executionProvider, threads } = ready.backend;
  console.log(`Darkroom is ready: ${edge.url}  (the studio, in a browser)
  API         ${edge.url}/graphql  (GraphiQL, in a browser)
  backend     ${backend.url}  ${[runtime, executionProvider].filter(Boolean).join(', ')}, ${threads} threads
  checkpoint  ${ready.checkpoints.map(describe).join(', ')}
  state       ${options.home}
Ctrl-C stops it.`);
}

function describe({ name, digest, loaded }: ServableCheckpoint): string {
  return `${name} ${digest.slice(0, 12)}${loaded ? '' : ' (loads when it is asked for)'}`;
}

const [argument] = process.argv.slice(2);
if (argument === '--help' || argument === '-h') {
  console.log(help);
} else if (argument !== undefined) {
  console.error(`Darkroom cannot start: unknown argument ${argument}. It is configured by its environment: see --help`);
  process.exitCode = 1;
} else {
  const shutdown = new Shutdown().takeSignals();
  // A command that starts a Darkroom for itself takes it along, however it ends.
  if (process.connected) process.once('disconnect', () => void shutdown.stop(0));
  start(shutdown).catch(error => {
    console.error(error instanceof StartError ? `Darkroom cannot start: ${error.message}` : error);
    return shutdown.stop(1);
  });
}
