/**
 * Darkroom as a person starts it, measured from outside: see `--help`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomProcess } from './darkroom-process.ts';

const help = `npm run bench

Starts Darkroom in a folder of its own and measures from outside how long it takes until it is ready, until there is a
picture, until a mistake is answered, until it has stopped, and whether the backend answers while it computes. Prints each
figure beside the most that it may be; the exit code is 1 when one is missed. Takes no arguments.`;

const [argument] = process.argv.slice(2);
if (argument !== undefined) {
  const asked = ['--help', '-h'].includes(argument);
  if (asked) console.log(help);
  else console.error(`Unknown argument ${argument}.\n\n${help}`);
  process.exit(asked ? 0 : 2);
}

const prompt = 'a cat on a red background';
/** What each is, its figure in milliseconds, and the most it may be. */
const figures: { readonly what: string; readonly ms: number; readonly most: number }[] = [];

async function timed<T>(what: string, most: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  figures.push({ what, ms: performance.now() - began, most });
  return result;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

/** @returns the body of the answer and how long it took */
async function ask(url: string, input: string): Promise<{ readonly body: string; readonly ms: number }> {
  const began = performance.now();
  const query = `mutation { generate(input: { ${input} }) {
    ... on GenerateSuccess { generation { status } } ... on Error { code message } } }`;
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { body: await answer.text(), ms: performance.now() - began };
}

async function picture(url: string, seed: number, steps = 20): Promise<number> {
  const { body, ms } = await ask(url, `prompt: "${prompt}", seed: ${seed}, steps: ${steps}, wait: 60000`);
  if (!body.includes('SUCCEEDED')) throw new Error(`no picture: ${body}`);
  return ms;
}

const darkroom = await DarkroomProcess.start();
try {
  const { url, backend } = await timed('start to ready', 15_000, () => darkroom.ready());

  figures.push({ what: 'first picture, 20 steps', ms: await picture(url, 1), most: 5_000 });
  const warm: number[] = [];
  for (let seed = 2; seed < 7; seed++) warm.push(await picture(url, seed));
  figures.push({ what: 'warm picture, 20 steps, median of 5', ms: quantile(warm, 0.5), most: 5_000 });

  let working = true;
  const long = picture(url, 9, 200).finally(() => {
    working = false;
  });
  const health: number[] = [];
  while (working && health.length < 200) {
    const began = performance.now();
    await (await fetch(`${backend}/health`)).text();
    health.push(performance.now() - began);
    await sleep(10);
  }
  await long;
  figures.push({ what: `/health while a job runs, p95 of ${health.length}`, ms: quantile(health, 0.95), most: 50 });

  const mistakes = ['steps: 100000', 'width: 100001', 'seed: -1', 'seed: "abc"', 'scheduler: NOPE'];
  const answers: number[] = [];
  for (const mistake of mistakes) {
    const { body, ms } = await ask(url, `prompt: "${prompt}", ${mistake}`);
    if (!body.includes('INPUT_INVALID')) throw new Error(`${mistake} was answered ${body}`);
    answers.push(ms);
  }
  answers.push((await ask(url, `prompt: "${'a'.repeat(1_000_000)}"`)).ms);
  figures.push({ what: `bad input, slowest of ${answers.length}`, ms: Math.max(...answers), most: 100 });
} finally {
  await timed('Ctrl-C to the end', 3_000, () => darkroom.stop());
  await darkroom.forget();
}

for (const { what, ms, most } of figures) {
  console.log(`${what.padEnd(44)}${ms.toFixed(0).padStart(8)} ms   at most ${most} ms${ms > most ? '   MISSED' : ''}`);
}
process.exitCode = figures.some(({ ms, most }) => ms > most) ? 1 : 0;
