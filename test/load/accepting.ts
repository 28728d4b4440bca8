/** Many generations are accepted while no backend works, and then made. */
import { setTimeout as sleep } from 'node:timers/promises';
import { askGraphql } from '../ask-graphql.ts';
import { hasEnded } from '../faults/course.ts';
import { MortalHouse } from '../faults/mortal-house.ts';

export interface AcceptingOptions {
  readonly generations: number;
  readonly onAccepted?: () => void;
  /** Told how many have ended, now and then. */
  readonly onEnded?: (ended: number) => void;
}

export interface AcceptingResult {
  /** Milliseconds of each mutation, in their order. */
  readonly ms: readonly number[];
  /** Bytes that workerd had in memory: before, with half of them, with all of them, when they were made. */
  readonly resident: {
    readonly before: number;
    readonly half: number;
    readonly accepted: number;
    readonly made: number;
  };
  /** When one more was asked for. */
  readonly refused: { readonly code: string | null; readonly retryAfterMs: number | null };
  /** By how many places a generation ended before or after its turn, at most. */
  readonly mostOutOfOrder: number;
  /** Jobs that all backends have at once: so many places may it be. */
  readonly places: number;
  /** Seconds from the backends' going on to the last end. */
  readonly madeSeconds: number;
  readonly findings: readonly string[];
}

interface Made {
  readonly id: string;
  readonly status: string;
  readonly createdAt: string;
  readonly finishedAt: string;
}

const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message }
  ... on RetryLaterError { retryAfterMs } ... on GenerateSuccess { generation { id } } } }`;
const list = `query ($after: String) { generations(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  edges { node { id status createdAt finishedAt } } } }`;
const unfinished = `{ generations(first: 1, status: [QUEUED, ENCODING, DENOISING, DECODING, SCORING]) { totalCount } }`;
const backends = 2;
/** Each backend runs one job, and has one more waiting. */
const jobsOfEach = 2;

export async function acceptAndServe(options: AcceptingOptions): Promise<AcceptingResult> {
  const { generations, onAccepted = () => {}, onEnded = () => {} } = options;
  const house = await MortalHouse.build({ backends, side: 16, variables: { BACKLOG: String(generations) } });
  try {
    const { url } = house.edge;
    const input = (seed: number) => ({ input: { prompt: 'a b', seed, steps: 2 } });
    // What is asked for first takes longer, whatever it is.
    for (let seed = 0; seed < 5; seed++) {
      await askGraphql(url, generate, { input: { ...input(10_000_000 + seed).input, wait: 60_000 } });
    }
    const before = await house.edge.resident();
    for (const backend of house.backends) backend.pause();
    const ms: number[] = [];
    const ids: string[] = [];
    let half = before;
    for (let seed = 0; seed < generations; seed++) {
      const began = performance.now();
      const { generate: made } = await askGraphql(url, generate, input(seed));
      ms.push(performance.now() - began);
      if (!made.generation) throw new Error(`${seed} is not accepted: ${JSON.stringify(made)}`);
      ids.push(made.generation.id);
      if (seed === Math.floor(generations / 2)) half = await house.edge.resident();
      onAccepted();
    }
    const accepted = await house.edge.resident();
    const { generate: oneMore } = await askGraphql(url, generate, input(generations));

    const began = performance.now();
    for (const backend of house.backends) backend.goOn();
    for (;;) {
      const left = (await askGraphql(url, unfinished)).generations.totalCount as number;
      onEnded(generations - left);
      if (left === 0) break;
      await sleep(500);
    }
    const madeSeconds = (performance.now() - began) / 1000;
    const all = (await listAll(url)).filter(({ id }) => ids.includes(id));
    const findings: string[] = [];
    if (all.length !== generations) findings.push(`${all.length} of ${generations} are there`);
    for (const { id, status } of all) if (status !== 'SUCCEEDED') findings.push(`${id} is ${status}`);
    const mostOutOfOrder = outOfOrder(all.filter(({ status }) => hasEnded(status)));
    const places = backends * jobsOfEach;
    if (mostOutOfOrder > places)
      findings.push(`one was ${mostOutOfOrder} places from its turn, at most ${places} may be`);
    if (oneMore.code !== 'QUEUE_FULL' || !(oneMore.retryAfterMs > 0)) {
      findings.push(`one more than the backlog holds is answered ${JSON.stringify(oneMore)}`);
    }
    return {
      ms,
      resident: { before, half, accepted, made: await house.edge.resident() },
      refused: { code: oneMore.code ?? null, retryAfterMs: oneMore.retryAfterMs ?? null },
      mostOutOfOrder,
      places,
      madeSeconds,
      findings,
    };
  } finally {
    for (const backend of house.backends) backend.goOn();
    await house.tearDown();
  }
}

async function listAll(url: string): Promise<Made[]> {
  const all: Made[] = [];
  for (let after: string | null = null; ; ) {
    const { generations } = await askGraphql(url, list, { after });
    all.push(...generations.edges.map(({ node }: { node: Made }) => node));
    if (!generations.pageInfo.hasNextPage) return all;
    after = generations.pageInfo.endCursor;
  }
}

/** The list is in the order of acceptance, newest first. Of those that ended in the same millisecond none is before the other. */
function outOfOrder(newestFirst: readonly Made[]): number {
  const accepted = newestFirst.toReversed();
  const ended = accepted.toSorted((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt));
  return Math.max(0, ...ended.map((made, place) => Math.abs(accepted.indexOf(made) - place)));
}
