/** The long form of kill-while-storing.test.ts: see `--help`. */
import { parseArgs } from 'node:util';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { Kills } from './kills.ts';

const help = `npm run test:kill [-- --kills N] [--seed N]

Has a worker make and store 12 pictures at once and kills it (SIGKILL) at a random one of the changes that it makes on disk, N
times (100). After each time it looks at what is on disk: after the keeper's next sweep every row must have its files, every file its row, and all of
it the digests that it would have, had nobody been killed. In the end all are asked for again. A kill takes 5 seconds.

  --kills N   how often
  --seed N    of the moments (1)

The exit code is 1 when anything was wrong.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
await buildEdge();
const count = Number(values.kills);
const kills = await Kills.prepare(Number(values.seed));
const progress = new Progress('kills', count);
let [wrong, middle, orphans] = [0, 0, 0];
const tell = (findings: readonly string[]) => {
  for (const finding of findings) console.log(finding);
  wrong += findings.length;
};
try {
  for (let i = 0; i < count; i++) {
    const killed = await kills.once();
    tell(killed.findings);
    if (killed.orphans > 0) middle++;
    orphans += killed.orphans;
    progress.step();
  }
  tell(await kills.aftermath());
} finally {
  await kills.end();
}
console.log(
  `${count} kills, ${middle} of them in the middle of storing something: ${orphans} orphans, all swept; ${wrong} wrong; ` +
    `${kills.spared} latents went on from others' steps`,
);
process.exitCode = wrong > 0 ? 1 : 0;
