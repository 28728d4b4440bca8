/**
 * How many steps a similar prompt may take from another one, measured: see `--help`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Progress } from '../../scripts/progress.ts';
import { PythonError, pythonEnvironment } from '../../scripts/python-environment.ts';
import { bandsOf, type CurveRow, curve, ladderOf } from './reuse/curve.ts';
import { isRight, judge, wrongOf } from './reuse/judge.ts';
import { kinds, type Pair, pairsOf } from './reuse/pairs.ts';
import { Runs } from './reuse/runs.ts';
import { changesBetween, SceneWriter, type Word } from './reuse/scenes.ts';

const help = `npm run bench:reuse [-- FOLDER] [--pairs N] [--only KIND,…] [--steps K,…] [--out FOLDER] [--rows FILE]

Draws pairs of prompts for the checkpoint in FOLDER (default: models/shipped), makes the picture of the second one whole, and
from x_t of the first one's run with the same seed after K steps. Prints, by how alike the prompts are and by K,

- the judge's accuracy on these pictures, beside that on the same ones computed whole, with the 95 % interval of the
  difference;
- how often what was changed (colour, thing, side) is served wrong, beside the same;
- the similarity (embedding) to the picture computed whole;

and in the end the most steps that cost at most 2 points, which is what worker/approximate/steps-to-skip.ts is made from.

  --pairs N     pairs of each kind (20): ${kinds.join(', ')}
  --only KIND   some kinds alone
  --steps K     steps taken from the first run (a tenth to a half of all, by tenths)
  --out FOLDER  keeps the pictures, and what was found of each (rows.json)
  --rows FILE   prints the tables of a rows.json once more, and makes no pictures

A pair takes 7 seconds on two idle cores. Needs Python for the judge, and makes its own environment.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      pairs: { type: 'string', default: '20' },
      only: { type: 'string' },
      steps: { type: 'string' },
      out: { type: 'string' },
      rows: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  if (values.rows) return print(JSON.parse(readFileSync(values.rows, 'utf8')) as CurveRow[]);

  const count = Number(values.pairs);
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`--pairs ${values.pairs}: expected a number from 1 on`);
  const unknown = values.only?.split(',').filter(kind => !(kinds as readonly string[]).includes(kind)) ?? [];
  if (unknown.length > 0) throw new RangeError(`--only ${unknown.join(',')}: there are ${kinds.join(', ')}`);
  const steps = values.steps?.split(',').map(Number) ?? null;
  if (steps?.some(step => !Number.isInteger(step) || step < 1)) {
    throw new RangeError(`--steps ${values.steps}: expected numbers from 1 on, with commas between`);
  }
  // The judge comes last, but whoever has no Python should not wait for the pictures to hear of it.
  await pythonEnvironment();
  const folder = resolve(positionals[0] ?? fileURLToPath(new URL('../../models/shipped', import.meta.url)));
  const { entries } = JSON.parse(readFileSync(join(folder, 'vocabulary.json'), 'utf8')) as { entries: Word[] };
  const wanted = kinds.filter(kind => !values.only || values.only.split(',').includes(kind));
  const pairs = pairsOf(wanted, count, new SceneWriter(entries, 60));
  const work = values.out ? resolve(values.out) : mkdtempSync(join(tmpdir(), 'darkroom-reuse-'));
  mkdirSync(work, { recursive: true });
  try {
    const rows = await measure(folder, pairs, steps, work);
    if (values.out) writeFileSync(join(work, 'rows.json'), `${JSON.stringify(rows, null, 1)}\n`);
    print(rows);
  } finally {
    if (!values.out) rmSync(work, { recursive: true, force: true });
  }
}

async function measure(
  folder: string,
  pairs: readonly Pair[],
  steps: readonly number[] | null,
  work: string,
): Promise<readonly CurveRow[]> {
  const runs = await Runs.open(folder, steps);
  const progress = new Progress('pairs', pairs.length);
  const made: { readonly pair: Pair; readonly found: Awaited<ReturnType<Runs['compare']>> }[] = [];
  try {
    for (const [i, pair] of pairs.entries()) {
      made.push({ pair, found: await runs.compare(pair, join(work, String(i))) });
      progress.step();
    }
  } finally {
    await runs.release();
  }
  const asked = made.flatMap(({ pair, found }) => {
    return [found.whole, ...found.resumed.map(({ file }) => file)].map(file => ({ ...pair.to, file }));
  });
  const verdicts = [...(await judge(asked, work))];
  return made.flatMap(({ pair, found }) => {
    const changes = changesBetween(pair.from, pair.to);
    const whole = verdicts.shift()!;
    return found.resumed.map(({ skipped, embedding, distance }) => {
      const mine = verdicts.shift()!;
      return {
        kind: pair.kind,
        prompts: pair.prompts,
        seed: pair.seed,
        similarity: found.similarity,
        skipped,
        steps: found.steps,
        right: [isRight(pair.to, mine), isRight(pair.to, whole)],
        background: [mine.background === pair.to.background, whole.background === pair.to.background],
        wrong: [wrongOf(pair.to, changes, mine), wrongOf(pair.to, changes, whole)],
        embedding,
        distance,
      } satisfies CurveRow;
    });
  });
}

function print(rows: readonly CurveRow[]): void {
  for (const space of ['EMBEDDING', 'PROMPT'] as const) {
    if (rows.every(({ similarity }) => similarity[space] === null)) continue;
    console.log(`\nBy similarity of the prompts in ${space}:\n`);
    for (const line of curve(rows, bandsOf(space), row => row.similarity[space])) console.log(line);
    console.log('\nThe most steps that cost at most 2 points, and nothing more with less alike prompts:');
    for (const line of ladderOf(rows, bandsOf(space), row => row.similarity[space])) console.log(line);
  }
  console.log('\nBy kind of pair:\n');
  for (const kind of kinds)
    for (const line of curve(
      rows.filter(row => row.kind === kind),
      [{ name: kind, least: -1, most: 2 }],
      () => 0,
    ))
      console.log(line);
}

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  const isWrong = error instanceof RangeError || code?.startsWith('ERR_PARSE_ARGS');
  if (!isWrong && !(error instanceof PythonError)) throw error;
  process.exitCode = isWrong ? 2 : 1;
  console.error(isWrong ? `${message}\n\n${help}` : message);
}
