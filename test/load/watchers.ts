/** The long form of a test in load.test.ts: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { wholeNumbers } from '../faults/arguments.ts';
import { quantile } from './quantile.ts';
import { watchMany } from './watching.ts';

const help = `npm run test:watchers [-- --watchers N] [--generations N] [--steps N]

Watches N generations of a tiny checkpoint, which two backends run all at the same time, by subscriptions of N watchers. Each
must see steps that only grow, at most five events a second and one, and the end.

  --watchers N     (100)
  --generations N  (20)
  --steps N        of each (100)

The exit code is 1 when one of them did not.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    watchers: { type: 'string', default: '100' },
    generations: { type: 'string', default: '20' },
    steps: { type: 'string', default: '100' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { watchers, generations, steps } = wholeNumbers(values, {
  watchers: { least: 1 },
  generations: { least: 1, most: 100 },
  steps: { least: 10, most: 900 },
});
await buildEdge();
const progress = new Progress('watchers', watchers);
const result = await watchMany({ watchers, generations, steps, onEnd: () => progress.step() });
const { findings } = result;
for (const finding of findings) console.log(finding);
console.table({
  'watchers, generations': `${watchers}, ${generations}`,
  'generations that ran at once': result.runningAtOnce,
  'events a watcher, least and median': `${Math.min(...result.events)}, ${quantile(result.events, 0.5)}`,
  'different steps a watcher, least and median': `${Math.min(...result.steps)}, ${quantile(result.steps, 0.5)}`,
  'most events within a second': result.mostASecond,
  'ms from the end to the last event, median and most': `${quantile(result.endMs, 0.5)}, ${Math.max(...result.endMs)}`,
  seconds: result.seconds.toFixed(1),
  findings: findings.length,
});
process.exitCode = findings.length > 0 ? 1 : 0;
