/** How good estimates are: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { wholeNumbers } from '../faults/arguments.ts';
import { type Estimate, estimate, relativeErrorOf } from './estimating.ts';
import { quantile } from './quantile.ts';

const help = `npm run bench:eta [-- --generations N] [--after N] [--seed N] [--side PIXELS]

Asks one backend for N generations of two sizes and 10 to 40 steps at once, and compares what those that wait are told in
progress.etaMs with how long it takes until their end.

  --generations N  (100)
  --after N        estimates count from so many ends on (20)
  --seed N         of sizes and steps (1)
  --side PIXELS    of the larger pictures, twice that of the others: how long a step takes (128)

The exit code is 1 when the median error is more than 30 % of the real time.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    generations: { type: 'string', default: '100' },
    after: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    side: { type: 'string', default: '128' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { generations, after, seed, side } = wholeNumbers(values, {
  generations: { least: 2, most: 100 },
  after: { least: 0, most: 99 },
  seed: { least: 0 },
  side: { least: 16, most: 256, multipleOf: 8 },
});
await buildEdge();
const mostError = 0.3;
const progress = new Progress('generations', generations);
const result = await estimate({ generations, after, seed, side, onEnded: () => progress.step() });
const { estimates, findings } = result;
for (const finding of findings) console.log(finding);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const errors = estimates.map(relativeErrorOf);
const errorsOf = (isMeant: (of: Estimate) => boolean) => quantile(estimates.filter(isMeant).map(relativeErrorOf), 0.5);
const median = quantile(errors, 0.5);
console.table({
  'generations, estimates': `${generations}, ${estimates.length}`,
  'error, median': `${percent(median)}   at most ${percent(mostError)}`,
  'error, 90 %': percent(quantile(errors, 0.9)),
  'median of those next to come, 0 to 4': percent(errorsOf(({ position }) => position < 5)),
  'median of those from place 20 on': percent(errorsOf(({ position }) => position >= 20)),
  'estimate over real time, median': quantile(
    estimates.map(({ etaMs, realMs }) => etaMs / Math.max(1, realMs)),
    0.5,
  ).toFixed(2),
  'had none though they waited': result.without,
  seconds: result.seconds.toFixed(0),
  findings: findings.length,
});
process.exitCode = findings.length > 0 || !(median <= mostError) ? 1 : 0;
