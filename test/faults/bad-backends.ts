/** The long form of bad-backends.test.ts: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { wholeNumbers } from './arguments.ts';
import { sufferBadness } from './badness.ts';

const help = `npm run test:bad-backends [-- --generations N] [--seed N] [--side PIXELS]

Asks for N generations of a tiny checkpoint, of 20 steps and various schedulers, with two backends: a good one, and one that
answers garbage or frames without sense, hangs, cuts frames in half, is slow, sends NaN, or does not say that it is ready.
Then the same is made on an empty state by two good ones, and every image compared: to the byte.

  --generations N  (200)
  --seed N         of what the bad one does when (1)
  --side PIXELS    of the pictures (48)

The exit code is 1 when anything was wrong, or the bad backend was not bad in every way.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    generations: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    side: { type: 'string', default: '48' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { generations, seed, side } = wholeNumbers(values, {
  generations: { least: 1 },
  seed: { least: 0 },
  side: { least: 16, most: 128, multipleOf: 4 },
});
await buildEdge();
const progress = new Progress('generations, each twice', 2 * generations);
const onEnd = () => progress.step();
const result = await sufferBadness({ generations, seed, side, mustShowAll: true, onEnd });
const { likeness, steps, seconds, findings } = result;
for (const finding of findings) console.log(finding);
console.table({
  generations,
  'images compared': likeness.images,
  'images that differ': likeness.different,
  ...Object.fromEntries([...result.shown].map(([vice, times]) => [`bad backend: ${vice}`, times])),
  'steps taken by two good ones': steps.calm,
  'steps taken beside a bad one': steps.disturbed,
  'seconds beside a bad one': seconds.disturbed.toFixed(0),
  'seconds by two good ones': seconds.calm.toFixed(0),
  'orphans swept': result.orphans,
  findings: findings.length,
});
process.exitCode = findings.length > 0 ? 1 : 0;
