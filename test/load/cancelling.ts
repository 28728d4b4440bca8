/** How soon a backend is free after what it runs was cancelled. */
import { setTimeout as sleep } from 'node:timers/promises';
import { askGraphql } from '../ask-graphql.ts';
import { MortalHouse } from '../faults/mortal-house.ts';

export interface CancellingOptions {
  readonly generations: number;
  /** How many of them are cancelled while they run; the rest while they wait. */
  readonly running: number;
  /** Side of a picture, in pixels. */
  readonly side: number;
  readonly onCancelled?: () => void;
}

export interface CancellingResult {
  /** Milliseconds that a step takes, on average. */
  readonly stepMs: number;
  /** Milliseconds from the mutation's answer to the backend having let go of the job, of each that ran. */
  readonly freeMs: readonly number[];
  /** Milliseconds from the mutation's question to the same. */
  readonly wholeMs: readonly number[];
  readonly findings: readonly string[];
}

const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message }
  ... on GenerateSuccess { generation { id } } } }`;
const read = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation { id status progress { step } finishedAt } } }`;
const cancel = `mutation ($id: ID!) { cancelGeneration(id: $id) { __typename ... on Error { code message }
  ... on Generation { status finishedAt } } }`;
/** More than anybody waits for. */
const steps = 900;
const patienceMs = 10_000;

export async function cancelUnderLoad(options: CancellingOptions): Promise<CancellingResult> {
  const { generations, running, side, onCancelled = () => {} } = options;
  const house = await MortalHouse.build({ backends: 1, side });
  const findings: string[] = [];
  const [freeMs, wholeMs]: [number[], number[]] = [[], []];
  try {
    const { url } = house.edge;
    const [backend] = house.backends as [(typeof house.backends)[number]];
    const ids = new Set<string>();
    for (let seed = 0; seed < generations; seed++) {
      const { generate: made } = await askGraphql(url, generate, { input: { prompt: 'a b', seed, steps } });
      ids.add(made.generation.id);
    }
    const waiting = new Set(ids);
    for (let i = 0; i < Math.min(running, generations); i++) {
      const id = await nextToRun(url, [...waiting]);
      waiting.delete(id);
      const before = await backend.metric('darkroom_jobs_total', 'outcome="cancelled"');
      const asked = performance.now();
      const { cancelGeneration } = await askGraphql(url, cancel, { id });
      const answered = performance.now();
      if (cancelGeneration.status !== 'CANCELLED') findings.push(`${id} is ${JSON.stringify(cancelGeneration)}`);
      while ((await backend.metric('darkroom_jobs_total', 'outcome="cancelled"')) <= before) {
        if (performance.now() - answered < patienceMs) continue;
        findings.push(`the backend goes on with ${id}, which was cancelled`);
        break;
      }
      freeMs.push(performance.now() - answered);
      wholeMs.push(performance.now() - asked);
      onCancelled();
    }
    const stepMs =
      (1000 * (await backend.metric('darkroom_step_seconds_sum'))) /
      (await backend.metric('darkroom_step_seconds_count'));
    // The last first: none of them has its turn meanwhile but the one that has it already.
    for (const id of [...waiting].reverse()) {
      const { cancelGeneration } = await askGraphql(url, cancel, { id });
      if (cancelGeneration.status !== 'CANCELLED') findings.push(`${id} is ${JSON.stringify(cancelGeneration)}`);
      onCancelled();
    }
    findings.push(...(await aftermath(url, ids, waiting)));
    await sleep(1_000);
    const { running: jobs, queued } = await backend.health();
    if (jobs + queued > 0) findings.push(`the backend has ${jobs + queued} jobs when all are cancelled`);
    return { stepMs, freeMs, wholeMs, findings };
  } finally {
    await house.tearDown();
  }
}

interface Seen {
  readonly id: string;
  readonly status: string;
  readonly progress: { readonly step: number };
  readonly finishedAt: string | null;
}

async function look(url: string, ids: readonly string[]): Promise<readonly Seen[]> {
  return (await askGraphql(url, read, { ids })).nodes;
}

/** Of two that the backend is given at the same moment, either may run first. */
async function nextToRun(url: string, ids: readonly string[]): Promise<string> {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(20)) {
    const running = (await look(url, ids)).find(({ status, progress }) => status === 'DENOISING' && progress.step > 0);
    if (running) return running.id;
  }
  throw new Error(`none of ${ids.length} runs`);
}

/** What they are afterwards, and stay. @param waiting those that were cancelled last */
async function aftermath(url: string, ids: ReadonlySet<string>, waiting: ReadonlySet<string>): Promise<string[]> {
  const all = await look(url, [...ids]);
  const begun = all.filter(({ id, progress }) => waiting.has(id) && progress.step > 0);
  return [
    ...all
      .filter(({ status, finishedAt }) => status !== 'CANCELLED' || !finishedAt)
      .map(({ id, status }) => `${id} was cancelled, and is ${status}`),
    // One may run while those behind it are cancelled.
    ...(begun.length > 1 ? [`${begun.length} of those that waited have begun`] : []),
  ];
}
