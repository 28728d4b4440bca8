/** A process that hosts the worker, to be killed. Arguments: a folder for its state, a backend's address, its secret. */
import { workerds } from '../../scripts/edge/orphans.ts';
import { startEdge } from '../../scripts/miniflare.ts';

const [home, backend, backendSecret] = process.argv.slice(2) as [string, string, string];
const { url } = await startEdge({
  home,
  host: '127.0.0.1',
  port: 0,
  backends: [backend],
  backendSecret,
  urlSecret: 'signs the addresses of one doomed worker',
  variables: {},
  log: () => {},
});
console.log(JSON.stringify({ url, workers: await workerds() }));
