import { ConfigurationError, help, readConfiguration } from './configuration.ts';
import { createLog } from './log.ts';
import { Unloadable } from './pool-thread.ts';
import { type RunningBackend, startBackend } from './start.ts';

/** Milliseconds after which a stop no longer waits for a session that computes. */
const patience = 2500;

const log = createLog(line => process.stdout.write(line));

/** One line for whoever started it, and the end. */
function giveUp(message: string): never {
  process.stderr.write(`gpu-backend: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exit(1);
}

function whyNotListening(error: unknown, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken: set PORT to another`;
  if (code === 'EACCES') return `port ${port} on ${host} needs more rights: set PORT to one above 1023`;
  return `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : error}`;
}

async function main(): Promise<void> {
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(help);
    return;
  }
  if (argument !== undefined) giveUp(`unknown argument ${argument}; it is configured by its environment, see --help`);
  const configuration = readConfiguration(process.env);
  const { host, port } = configuration;
  const starting = startBackend(configuration, { log }).catch(error => giveUp(whyNotListening(error, host, port)));
  // Before it says that it listens: who reads that may tell it to stop.
  const isStopping = stopWhenTold(starting);
  const backend = await starting;
  await backend.loaded.catch(error => {
    // What was being loaded when it was told to stop is no failure.
    if (!isStopping()) throw error;
  });
}

/** Stops it on a signal. @returns whether that has begun */
function stopWhenTold(starting: Promise<RunningBackend>): () => boolean {
  let stopping = false;
  const stop = (reason: string) => {
    if (stopping) return;
    stopping = true;
    log('info', 'stopping', { reason });
    // A session that computes cannot be interrupted, and exit() would wait for its thread. Nothing here is kept.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), patience).unref();
    starting.then(backend => backend.stop()).then(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  // Whoever started it with a channel to it is gone.
  process.on('disconnect', () => stop('disconnect'));
  return () => stopping;
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigurationError || error instanceof Unloadable;
  if (!expected) log('error', 'start_failed', { error: String((error as Error)?.stack) });
  giveUp(error instanceof Error ? error.message : String(error));
});
