/** How good the estimates are that those who wait are told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MersenneTwister } from '../../models/noise/mersenne-twister.ts';
import { askGraphql } from '../ask-graphql.ts';
import { hasEnded } from '../faults/course.ts';
import { MortalHouse } from '../faults/mortal-house.ts';

export interface EstimatingOptions {
  readonly generations: number;
  /** Estimates count from so many ends on. */
  readonly after: number;
  readonly seed: number;
  /** Of the larger pictures, in pixels; the others' is half of it. */
  readonly side: number;
  readonly onEnded?: () => void;
}

/** What one that waited was told once. */
export interface Estimate {
  readonly position: number;
  readonly etaMs: number;
  /** What it was in the end. */
  readonly realMs: number;
}

export interface EstimatingResult {
  readonly estimates: readonly Estimate[];
  /** How often one that waited, and should have had an estimate, had none. */
  readonly without: number;
  readonly seconds: number;
  readonly findings: readonly string[];
}

const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message }
  ... on GenerateSuccess { generation { id } } } }`;
const read = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation { status finishedAt
  progress { queuePosition etaMs } } } }`;
const [fewestSteps, mostSteps] = [10, 40];
const lookEveryMs = 500;

export async function estimate(options: EstimatingOptions): Promise<EstimatingResult> {
  const { generations, after, seed, side, onEnded = () => {} } = options;
  const random = new MersenneTwister(seed);
  const house = await MortalHouse.build({ backends: 1, side });
  try {
    const { url } = house.edge;
    const began = performance.now();
    const ids: string[] = [];
    for (let i = 0; i < generations; i++) {
      const size = random.next() % 2 === 0 ? side : side / 2;
      const steps = fewestSteps + (random.next() % (mostSteps - fewestSteps + 1));
      const input = { prompt: 'a b', seed: i, width: size, height: size, steps };
      const { generate: made } = await askGraphql(url, generate, { input });
      if (!made.generation) throw new Error(`it is not accepted: ${JSON.stringify(made)}`);
      ids.push(made.generation.id);
    }
    const told: { readonly id: string; readonly at: number; readonly position: number; readonly etaMs: number }[] = [];
    const ends = new Map<string, number>();
    const findings: string[] = [];
    let without = 0;
    while (ends.size < generations) {
      const open = ids.filter(id => !ends.has(id));
      const at = Date.now();
      const { nodes } = await askGraphql(url, read, { ids: open });
      const isCounted = ends.size >= after;
      for (const [i, id] of open.entries()) {
        const { status, finishedAt, progress } = nodes[i];
        if (hasEnded(status)) {
          ends.set(id, Date.parse(finishedAt));
          if (status !== 'SUCCEEDED') findings.push(`${id} is ${status}`);
          onEnded();
        } else if (status === 'QUEUED' && isCounted && progress.queuePosition !== null) {
          if (progress.etaMs === null) without++;
          else told.push({ id, at, position: progress.queuePosition, etaMs: progress.etaMs });
        }
      }
      await sleep(lookEveryMs);
    }
    const estimates = told.map(({ id, at, ...rest }) => ({ ...rest, realMs: ends.get(id)! - at }));
    return { estimates, without, seconds: (performance.now() - began) / 1000, findings };
  } finally {
    await house.tearDown();
  }
}

/** How far off it was, as a share of what it was in the end. */
export function relativeErrorOf({ etaMs, realMs }: Estimate): number {
  return Math.abs(etaMs - realMs) / Math.max(1, realMs);
}
