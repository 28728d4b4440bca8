/** A process that hosts the worker and prints its address, to be killed by a test. Argument: a folder for its state. */
import { startEdge } from '../../scripts/miniflare.ts';

const secret = 'known to nobody, as nobody is to be asked';
const { url } = await startEdge({
  home: process.argv[2]!,
  host: '127.0.0.1',
  port: 0,
  backends: [],
  backendSecret: secret,
  urlSecret: secret,
  variables: {},
});
console.log(url);
