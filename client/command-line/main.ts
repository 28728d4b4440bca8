/** The process of a command: what it prints to, and what interrupts it. */
import { outcome } from './outcome.ts';
import { Interruption } from './troubles.ts';

/** Ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads the output may have had enough, as `head` has.
  process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1));
  // With a terminal that hung up nobody reads remarks, but there still is something to cancel.
  process.stderr.on('error', () => {});
  const interruption = new AbortController();
  const interrupt = () => {
    // Who asks a second time does not want to wait for anything.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort(new Interruption());
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  const { env, stderr } = process;
  const { text, exitCode } = await outcome(argv, { env, stderr, signal: interruption.signal });
  await new Promise(resolve => process.stdout.write(text, resolve));
  process.exit(exitCode);
}
