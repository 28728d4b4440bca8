/**
 * What reuse saves and costs over a trace of requests, through the API: see `--help`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Progress } from '../../scripts/progress.ts';
import { PythonError, pythonEnvironment } from '../../scripts/python-environment.ts';
import { DarkroomProcess } from './darkroom-process.ts';
import { isRight, judge, wrongOf } from './reuse/judge.ts';
import { type Answer, Replay, savingsOf } from './reuse/replay.ts';
import { changesBetween, SceneWriter, type Word } from './reuse/scenes.ts';
import { difference, shareText, tally } from './reuse/tally.ts';
import { lengthened, mostSaidOtherwise, type Request, readTrace, TraceError } from './reuse/trace.ts';

const help = `npm run bench:trace -- TRACE.json [--requests N] [--more N] [--prompts N] [--out FOLDER]

Asks a Darkroom of its own, with the shipped checkpoint and an empty cache, for the requests of a trace, one after the other,
with reuse: APPROXIMATE. Then every picture that went on from another prompt's steps is computed whole as well, and the
judge of npm run evaluate names what is in both. Prints, each beside its bar,

- steps saved by EXACT, and of those left, by APPROXIMATE;
- the judge's accuracy over the reused pictures and over the same ones computed whole;
- how often a changed colour, thing or side is served wrong, in both;
- how different 8 pictures of one prompt without seeds are, in both.

TRACE.json: [{ "kind": "new" | "repeat" | "paraphrase" | "edit", "prompt", "seed": number or null, "things": [names],
"relation": "left" | "above" | null, "background" }]

  --requests N   only the first N of them
  --more N       and N more of the same make
  --prompts N    of how many prompts 8 pictures are made, with reuse and without (4)
  --out FOLDER   keeps the pictures and what was found of each (results.json)

500 requests take a quarter of an hour on two cores. Needs Python for the judge, and makes its own environment. The exit code
is 1 when a bar is missed.`;

const leastReused = 100;
const alike = 8;

interface Reused {
  readonly request: Request;
  readonly from: Request;
  readonly answer: Answer;
  readonly whole: Answer;
  readonly embedding: number;
  readonly files: readonly [string, string];
}

let missed = false;

function tell(what: string, figure: string, bar = '', isMissed = false): void {
  missed ||= isMissed;
  console.log(`${what.padEnd(66)}${figure}${bar && `   ${bar}`}${isMissed ? '   MISSED' : ''}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      requests: { type: 'string' },
      more: { type: 'string', default: '0' },
      prompts: { type: 'string', default: '4' },
      out: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new TraceError(`expected the path of one trace\n\n${help}`);
  const vocabulary = fileURLToPath(new URL('../../models/shipped/vocabulary.json', import.meta.url));
  const { entries } = JSON.parse(readFileSync(vocabulary, 'utf8')) as { entries: Word[] };
  const part = readTrace(resolve(file)).slice(0, values.requests ? Number(values.requests) : undefined);
  const trace = lengthened(part, Number(values.more), new SceneWriter(entries, 6));

  // The judge comes last, but whoever has no Python should not wait for the pictures to hear of it.
  await pythonEnvironment();
  const work = values.out ? resolve(values.out) : mkdtempSync(join(tmpdir(), 'darkroom-trace-'));
  mkdirSync(work, { recursive: true });
  const darkroom = await DarkroomProcess.start();
  try {
    const replay = new Replay((await darkroom.ready()).url);
    const reused = await replayAll(replay, trace, work);
    await judgeAll(reused, work, values.out !== undefined);
    await tellDiversity(replay, mostSaidOtherwise(trace, Number(values.prompts)));
  } finally {
    await darkroom.stop();
    await darkroom.forget();
    if (!values.out) rmSync(work, { recursive: true, force: true });
  }
  process.exitCode = missed ? 1 : 0;
}

async function replayAll(replay: Replay, trace: readonly Request[], work: string): Promise<readonly Reused[]> {
  const progress = new Progress('requests', trace.length);
  const answers: Answer[] = [];
  const requestOf = new Map<string, Request>();
  for (const request of trace) {
    const answer = await replay.ask(request, request.seed, 'APPROXIMATE');
    answers.push(answer);
    if (!requestOf.has(answer.key)) requestOf.set(answer.key, request);
    progress.step();
  }
  const { steps, exact, approximate } = savingsOf(answers);
  const left = steps - exact;
  tell('requests', String(trace.length));
  tell('steps saved by EXACT', shareText(exact, steps));
  const share = (100 * approximate) / left;
  tell('steps saved by APPROXIMATE, of those left', shareText(approximate, left), 'at least 10 %', share < 10);

  // Of a picture that is served twice the second one is a repeat of it, not another one.
  const first = new Map(
    answers.flatMap((answer, i) => (answer.kind === 'APPROXIMATE' ? [[answer.key, i] as const] : [])).toReversed(),
  );
  const pairs = [...first.values()].toSorted((a, b) => a - b);
  const whole = new Progress('computed whole', pairs.length);
  const reused: Reused[] = [];
  for (const i of pairs) {
    const [answer, request] = [answers[i]!, trace[i]!];
    const same = await replay.ask(request, answer.seed, 'NONE');
    const { embedding } = await replay.compare(answer, same);
    const files = [await replay.save(answer, work), await replay.save(same, work)] as const;
    reused.push({ request, from: requestOf.get(answer.source!)!, answer, whole: same, embedding, files });
    whole.step();
  }
  const bySteps = Map.groupBy(reused, ({ answer }) => answer.skipped);
  for (const [skipped, of] of [...bySteps].toSorted(([a], [b]) => a - b)) {
    tell(`  pictures with ${skipped} steps of another prompt`, String(of.length));
  }
  return reused;
}

async function judgeAll(reused: readonly Reused[], work: string, isKept: boolean): Promise<void> {
  const verdicts = await judge(
    reused.flatMap(({ request, files }) => files.map(file => ({ ...request, file }))),
    work,
  );
  const rows = reused.map((each, i) => {
    const [mine, whole] = [verdicts[2 * i]!, verdicts[2 * i + 1]!];
    const changes = changesBetween(each.from, each.request);
    return {
      ...each,
      right: [isRight(each.request, mine), isRight(each.request, whole)] as const,
      wrong: [wrongOf(each.request, changes, mine), wrongOf(each.request, changes, whole)] as const,
    };
  });
  if (isKept) writeFileSync(join(work, 'results.json'), `${JSON.stringify(rows, null, 2)}\n`);
  const right = tally(rows.map(row => row.right));
  const enough = right.count < leastReused;
  tell('pictures that went on from another prompt', String(right.count), `at least ${leastReused}`, enough);
  tell('  the judge finds all that was asked for, with reuse', shareText(right.reused, right.count));
  tell('  the same, computed whole', shareText(right.whole, right.count));
  const lost = -difference(right);
  tell('  points lost', lost.toFixed(1), 'at most 2', lost > 2);
  const mean = rows.reduce((sum, { embedding }) => sum + embedding, 0) / rows.length;
  tell('  similarity to the same computed whole, mean', rows.length ? mean.toFixed(3) : 'none asked');
  for (const what of ['colour', 'thing', 'side'] as const) {
    const wrong = tally(rows.map(({ wrong: [mine, whole] }) => [mine[what], whole[what]] as const));
    const more = difference(wrong);
    const figure = `${shareText(wrong.reused, wrong.count)}, computed whole ${shareText(wrong.whole, wrong.count)}`;
    tell(`  a changed ${what} is served wrong`, figure, 'at most 2 points more', more > 2);
  }
}

/** How far apart several pictures of a prompt are, on average of all pairs. */
async function meanDistance(replay: Replay, answers: readonly Answer[]): Promise<number> {
  const distances: number[] = [];
  for (const [i, a] of answers.entries()) {
    for (const b of answers.slice(0, i)) distances.push(a.key === b.key ? 0 : (await replay.compare(a, b)).distance);
  }
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

async function tellDiversity(replay: Replay, prompts: readonly Request[]): Promise<void> {
  const progress = new Progress('pictures without seeds', prompts.length * alike * 2);
  let [reused, whole, spared] = [0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (const request of prompts) {
    const ask = async (policy: 'NONE' | 'APPROXIMATE') => {
      const answers: Answer[] = [];
      for (let i = 0; i < alike; i++) {
        answers.push(await replay.ask(request, null, policy));
        progress.step();
      }
      return answers;
    };
    const mine = await ask('APPROXIMATE');
    spared += mine.filter(({ kind }) => kind === 'APPROXIMATE').length;
    const [near, far] = [await meanDistance(replay, mine), await meanDistance(replay, await ask('NONE'))];
    reused += near;
    whole += far;
    least = Math.min(least, near / far);
  }
  if (prompts.length === 0) return;
  const ratio = reused / whole;
  const bar = `at least 70 %; ${spared} of ${prompts.length * alike} went on from others`;
  tell(
    `${alike} pictures without seeds: distance, of that without reuse`,
    `${(100 * ratio).toFixed(1)} %`,
    bar,
    ratio < 0.7,
  );
  tell('  the least of any prompt', `${(100 * least).toFixed(1)} %`);
}

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  if (!(error instanceof TraceError || error instanceof PythonError || code?.startsWith('ERR_PARSE_ARGS'))) throw error;
  console.error(message);
  process.exitCode = 2;
}
