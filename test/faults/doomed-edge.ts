/**
 * A process that hosts the worker, to be killed. Arguments: a folder for its state, addresses of backends separated by
 * commas, their secret; then as JSON what is not as usual.
 */
import { appendFileSync } from 'node:fs';
import { workerds } from '../../scripts/edge/orphans.ts';
import { startEdge } from '../../scripts/miniflare.ts';

export interface DoomedOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Those of `[vars]` in wrangler.toml. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A file for the worker's log; default: nowhere. */
  readonly log?: string;
}

const [home, backends, backendSecret, more = '{}'] = process.argv.slice(2) as [string, string, string, string?];
const { port = 0, variables = {}, log } = JSON.parse(more) as DoomedOptions;
const { url } = await startEdge({
  home,
  host: '127.0.0.1',
  port,
  backends: backends.split(','),
  backendSecret,
  urlSecret: 'signs the addresses of one doomed worker',
  variables,
  log: line => log && appendFileSync(log, `${line}\n`),
});
console.log(JSON.stringify({ url, workers: await workerds() }));
