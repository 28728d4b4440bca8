/** The long form of kill-while-making.test.ts: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { wholeNumbers } from './arguments.ts';
import { killWhileMaking } from './kills-while-making.ts';

const help = `npm run test:faults [-- --generations N] [--kills N] [--seed N] [--batch N] [--side PIXELS]

Asks for N generations of a tiny checkpoint, of 20 steps and various schedulers, every tenth of two images, while the process
group of the worker, of one of two backends, or of all of them is killed (SIGKILL) at random moments and started again. The
client is cut off as often, and asks again. Then the same is made on an empty state, in peace, and every image compared.
It shows that each ends once, that progress never goes down, that no more steps are taken again than lie between two
checkpoints, that nothing wrong is left on disk, and that every image is the same to the byte.

  --generations N  (200)
  --kills N        (60)
  --seed N         of the moments and of who is killed (1)
  --batch N        jobs that share calls of the UNet on each backend; from 2 on images may differ as the goldens allow (1)
  --side PIXELS    of the pictures: how long a step takes, 40 ms at 128 (128)

The exit code is 1 when anything was wrong.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    generations: { type: 'string', default: '200' },
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    batch: { type: 'string', default: '1' },
    side: { type: 'string', default: '128' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { generations, kills, seed, batch, side } = wholeNumbers(values, {
  generations: { least: 1 },
  kills: { least: 0 },
  seed: { least: 0 },
  batch: { least: 1, most: 16 },
  side: { least: 16, most: 128, multipleOf: 4 },
});
await buildEdge();
const progress = new Progress('generations, each twice', 2 * generations);
const result = await killWhileMaking({ generations, kills, seed, batch, side, onEnd: () => progress.step() });
const { likeness, steps, seconds, findings } = result;
const killed = (victim: string) => result.kills.filter(kill => kill.victim === victim).length;
const running = result.kills.reduce((sum, kill) => sum + kill.running, 0);
for (const finding of findings) console.log(finding);
console.table({
  generations,
  'images compared': likeness.images,
  'images that differ': likeness.different,
  'worst latent, worst byte': `${likeness.worstLatent}, ${likeness.worstByte}`,
  'kills of the worker, a backend, all': `${killed('worker')}, ${killed('backend')}, ${killed('all')}`,
  'jobs in flight at the kills, at most': result.inFlight,
  'jobs that ran at the kills': running,
  'steps asked for': result.asked,
  'steps taken in peace': steps.calm,
  'steps taken under kills': steps.disturbed,
  'steps allowed under kills': result.most,
  'seconds under kills, in peace': `${seconds.disturbed.toFixed(0)}, ${seconds.calm.toFixed(0)}`,
  'answers lost on the way': result.lost,
  'requests answered by their key': result.replays,
  'orphans swept': result.orphans,
  findings: findings.length,
});
process.exitCode = findings.length > 0 ? 1 : 0;
