/** The long form of a test in load.test.ts: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { wholeNumbers } from '../faults/arguments.ts';
import { acceptAndServe } from './accepting.ts';
import { quantile } from './quantile.ts';

const help = `npm run bench:accept [-- --generations N]

Stops two backends (SIGSTOP), asks for N generations one after the other, which fills the backlog, and for one more, which must be
QUEUE_FULL; then lets the backends go on. Measures how long each answer takes, through Miniflare, and what workerd has in
memory, and looks whether all are made in the order in which they were accepted.

  --generations N  (1000)

The exit code is 1 when the median answer takes 20 ms or more, workerd has more than 1 GB in memory, or something is lost or out
of its turn.`;

const { values } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, generations: { type: 'string', default: '1000' } },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { generations } = wholeNumbers(values, { generations: { least: 10, most: 100_000 } });
await buildEdge();
const mostMs = 20;
const mostBytes = 1_000_000_000;
const accepted = new Progress('accepted', generations);
const made = new Progress('made', generations);
let shown = 0;
const result = await acceptAndServe({
  generations,
  onAccepted: () => accepted.step(),
  onEnded: ended => {
    for (; shown < ended; shown++) made.step();
  },
});
const { ms, resident, findings } = result;
for (const finding of findings) console.log(finding);
const median = quantile(ms, 0.5);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
const most = Math.max(...Object.values(resident));
const part = (from: number, to: number) => quantile(ms.slice(from * generations, to * generations), 0.5).toFixed(1);
console.table({
  generations,
  'ms of an answer, median': `${median.toFixed(1)}   less than ${mostMs}`,
  'ms of an answer, 95 %': quantile(ms, 0.95).toFixed(1),
  'ms of an answer, most': Math.max(...ms).toFixed(1),
  'median of the first and the last tenth': `${part(0, 0.1)}, ${part(0.9, 1)}`,
  'MB of workerd before, half, all, made': `${[resident.before, resident.half, resident.accepted, resident.made]
    .map(megabytes)
    .join(', ')}   at most ${megabytes(mostBytes)}`,
  'one more than the backlog': `${result.refused.code}, retryAfterMs ${result.refused.retryAfterMs}`,
  'places out of order, at most': `${result.mostOutOfOrder}   at most ${result.places}`,
  'seconds until all were made': result.madeSeconds.toFixed(0),
  findings: findings.length,
});
process.exitCode = findings.length > 0 || !(median < mostMs) || most > mostBytes ? 1 : 0;
