/** The long form of a test in load.test.ts: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { wholeNumbers } from '../faults/arguments.ts';
import { cancelUnderLoad } from './cancelling.ts';
import { quantile } from './quantile.ts';

const help = `npm run bench:cancel [-- --generations N] [--running N] [--side PIXELS]

Asks one backend for N generations of a tiny checkpoint, of 900 steps, and cancels them one after the other, the first ones while
they run, the others while they wait. Measures the time from the mutation's answer until the backend has let go of the job,
in steps: it finds out that nobody wants it between two of them. The median is to be less than two.

  --generations N  (20)
  --running N      of them are cancelled while they run (15)
  --side PIXELS    of the pictures: how long a step takes (128)

The exit code is 1 when it is more, or something that was cancelled goes on.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    generations: { type: 'string', default: '20' },
    running: { type: 'string', default: '15' },
    side: { type: 'string', default: '128' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { generations, running, side } = wholeNumbers(values, {
  generations: { least: 1 },
  running: { least: 1 },
  side: { least: 16, most: 256, multipleOf: 4 },
});
await buildEdge();
const mostSteps = 2;
const progress = new Progress('generations', generations);
const result = await cancelUnderLoad({ generations, running, side, onCancelled: () => progress.step() });
const { stepMs, findings } = result;
for (const finding of findings) console.log(finding);
const inSteps = (ms: number) => (ms / stepMs).toFixed(2);
const median = quantile(result.freeMs, 0.5);
console.table({
  'generations, cancelled while they ran': `${generations}, ${Math.min(running, generations)}`,
  'ms of a step': stepMs.toFixed(1),
  'answer to free backend, median, in ms': median.toFixed(1),
  'answer to free backend, median, in steps': `${inSteps(median)}   at most ${mostSteps}`,
  'answer to free backend, most, in steps': inSteps(Math.max(...result.freeMs)),
  'question to free backend, median, in steps': inSteps(quantile(result.wholeMs, 0.5)),
  'question to free backend, most, in steps': inSteps(Math.max(...result.wholeMs)),
  findings: findings.length,
});
process.exitCode = findings.length > 0 || !(median < mostSteps * stepMs) ? 1 : 0;
