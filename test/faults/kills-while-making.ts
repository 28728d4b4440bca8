/** Kills the worker and backends while they make generations, and looks at what comes of it. */
import { checkpointEvery } from '../../worker/developments/rest.ts';
import { wishes } from './course.ts';
import { MortalHouse } from './mortal-house.ts';
import { type Kill, Reaper } from './reaper.ts';
import { type TrialResult, trial } from './trial.ts';

export interface KillsOptions {
  readonly generations: number;
  readonly kills: number;
  readonly seed: number;
  /** Jobs that share calls of the UNet on each backend; 1: none do. */
  readonly batch: number;
  /** Side of a picture, in pixels. */
  readonly side: number;
  /** Steps that each job in flight may take again; default: as many as lie between two checkpoints. */
  readonly mostAgain?: number;
  readonly onEnd?: () => void;
}

export interface KillsResult extends TrialResult {
  readonly kills: readonly Kill[];
  /** Jobs that may have been interrupted, over all kills. */
  readonly inFlight: number;
  /** Denoising steps that were asked for: of every image. */
  readonly asked: number;
  /** The most denoising steps that may be taken. */
  readonly most: number;
}

const backends = 2;
const steps = 20;

export async function killWhileMaking(options: KillsOptions): Promise<KillsResult> {
  const { generations, kills, seed, batch, side, mostAgain = checkpointEvery, onEnd } = options;
  const all = wishes(generations, steps);
  const house = await MortalHouse.build({ backends, side, environment: { DARKROOM_BATCH: String(batch) } });
  try {
    const reaper = new Reaper(house, seed);
    const blows = { fall: (ended: () => number) => reaper.reap(kills, generations, ended), end: () => {} };
    const result = await trial(house, all, blows, { exact: batch === 1, ...(onEnd && { onEnd }) });
    // As many jobs may be in flight as there are places for them.
    const inFlight = reaper.kills.reduce((sum, kill) => sum + kill.backends * batch, 0);
    const most = result.steps.calm + inFlight * mostAgain;
    const { disturbed } = result.steps;
    return {
      ...result,
      kills: reaper.kills,
      inFlight,
      asked: steps * all.reduce((sum, { count }) => sum + count, 0),
      most,
      findings: [
        ...result.findings,
        ...(disturbed > most ? [`${disturbed} steps were taken, at most ${most} may be`] : []),
      ],
    };
  } finally {
    await house.tearDown();
  }
}
