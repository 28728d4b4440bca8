/** `npm start`: the GPU backend and the worker on one machine, with state that outlives them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildEdge } from './build.ts';
import { startEdge } from './miniflare.ts';
import { BackendProcess } from './start/backend-process.ts';
import { openHome, urlSecret } from './start/home.ts';
import { help, parseOptions, StartError } from './start/options.ts';
import { probePort } from './start/ports.ts';

/** After a stop was asked for, nothing may hold the terminal longer than this. */
const stopWithinMs = 3_000;

async function start(): Promise<void> {
  const options = parseOptions(process.env);
  const closers: (() => Promise<void>)[] = [];
  stopOnSignals(closers);

  const port = await probePort(options.host, options.port);
  await openHome(options.home);
  const secret = randomBytes(32).toString('hex');
  const backend = new BackendProcess({
    port: await probePort('127.0.0.1', 0),
    secret,
    checkpoints: options.checkpoints,
    logFile: join(options.home, 'backend.log'),
    onRestart: message => console.error(message),
  });
  closers.push(() => backend.stop());

  const [ready] = await Promise.all([backend.start(), buildEdge()]);
  const edge = await startEdge({
    home: options.home,
    host: options.host,
    port,
    backends: [backend.url],
    backendSecret: secret,
    urlSecret: await urlSecret(options.home),
  });
  closers.push(() => edge.close());

  const { runtime, executionProvider, threads } = ready.backend;
  console.log(`Darkroom is ready: ${edge.url}/graphql  (GraphiQL in a browser)
  backend     ${backend.url}  ${runtime}, ${executionProvider}, ${threads} threads
  checkpoint  ${ready.checkpoints.map(({ name, digest }) => `${name} ${digest.slice(0, 12)}`).join(', ')}
  state       ${options.home}
Ctrl-C stops it.`);
}

function stopOnSignals(closers: readonly (() => Promise<void>)[]): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), stopWithinMs).unref();
      void Promise.allSettled(closers.map(close => close())).then(() => process.exit(0));
    });
  }
}

if (process.argv.includes('--help')) {
  console.log(help);
} else {
  start().catch(error => {
    console.error(error instanceof StartError ? `Darkroom cannot start: ${error.message}` : error);
    process.kill(process.pid, 'SIGTERM');
    process.exitCode = 1;
  });
}
