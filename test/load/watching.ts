/** Many watch few: what each of them sees of generations that run at the same time. */
import { askGraphql } from '../ask-graphql.ts';
import { MortalHouse } from '../faults/mortal-house.ts';
import { watchGeneration } from './event-stream.ts';

export interface WatchingOptions {
  readonly watchers: number;
  readonly generations: number;
  readonly steps: number;
  /** Told when a watcher has seen the end. */
  readonly onEnd?: () => void;
}

export interface WatchingResult {
  /** Events of each watcher. */
  readonly events: readonly number[];
  /** Different steps that each has seen. */
  readonly steps: readonly number[];
  /** The most events that one has got within a second. */
  readonly mostASecond: number;
  /** Milliseconds from `finishedAt` to each watcher having been told. */
  readonly endMs: readonly number[];
  /** The most generations that were seen DENOISING at the same moment. */
  readonly runningAtOnce: number;
  readonly seconds: number;
  readonly findings: readonly string[];
}

const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message }
  ... on GenerateSuccess { generation { id } } } }`;
const read = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation { status finishedAt progress { step } } } }';
const fields = 'status finishedAt progress { step steps queuePosition }';
const backends = 2;
/** Five a second, and the end, which does not wait. */
const mostEvents = 6;

export async function watchMany(options: WatchingOptions): Promise<WatchingResult> {
  const { watchers, generations, steps, onEnd = () => {} } = options;
  // All of them run at the same time.
  const jobs = String(Math.ceil(generations / backends));
  const house = await MortalHouse.build({ backends, side: 32, environment: { JOBS: jobs } });
  try {
    const { url } = house.edge;
    const began = performance.now();
    const ids: string[] = [];
    for (let seed = 0; seed < generations; seed++) {
      const { generate: made } = await askGraphql(url, generate, { input: { prompt: 'a b', seed: 10 * seed, steps } });
      ids.push(made.generation.id);
    }
    let isOver = false;
    let runningAtOnce = 0;
    const looking = (async () => {
      while (!isOver) {
        const { nodes } = await askGraphql(url, read, { ids });
        const running = (nodes as { status: string }[]).filter(({ status }) => status === 'DENOISING');
        runningAtOnce = Math.max(runningAtOnce, running.length);
        await new Promise(resolve => setTimeout(resolve, 250));
      }
    })();
    const all = await Promise.all(
      Array.from({ length: watchers }, async (_, i) => {
        const seen = await watchOne(url, ids[i % ids.length]!, `watcher ${i}`);
        onEnd();
        return seen;
      }),
    ).finally(() => {
      isOver = true;
    });
    await looking;
    const mostASecond = Math.max(...all.map(({ times }) => mostWithinASecond(times)));
    return {
      events: all.map(({ times }) => times.length),
      steps: all.map(seen => seen.steps),
      mostASecond,
      endMs: all.map(seen => seen.endMs),
      runningAtOnce,
      seconds: (performance.now() - began) / 1000,
      findings: [
        ...all.flatMap(({ findings }) => findings),
        ...(mostASecond > mostEvents ? [`${mostASecond} events within a second`] : []),
      ],
    };
  } finally {
    await house.tearDown();
  }
}

async function watchOne(url: string, id: string, name: string) {
  const findings: string[] = [];
  const times: number[] = [];
  let [step, steps, last, endMs] = [-1, 0, '', Number.NaN];
  for await (const now of watchGeneration(url, id, fields)) {
    times.push(Date.now());
    if (now === null) findings.push(`${name} is told that there is none`);
    if (last === 'SUCCEEDED') findings.push(`${name} is told something after the end`);
    if (now === null) continue;
    if (now.progress.step < step) findings.push(`${name} goes from step ${step} down to ${now.progress.step}`);
    if (now.progress.step > step) steps++;
    step = now.progress.step;
    last = now.status;
    if (now.finishedAt) endMs = Date.now() - Date.parse(now.finishedAt);
    if (last === 'SUCCEEDED' && step !== now.progress.steps) findings.push(`${name} sees the end at step ${step}`);
  }
  if (last !== 'SUCCEEDED') findings.push(`${name} sees no end but ${last}`);
  if (steps < 3) findings.push(`${name} sees ${steps} different steps only`);
  return { findings, times, steps, endMs };
}

function mostWithinASecond(times: readonly number[]): number {
  return Math.max(0, ...times.map(from => times.filter(time => time >= from && time < from + 1_000).length));
}
