/** Has generations made by a good backend and a bad one, and looks at what comes of it. */
import { BadProxy, type Vice } from './bad-proxy.ts';
import { wishes } from './course.ts';
import { MortalHouse } from './mortal-house.ts';
import { type TrialResult, trial } from './trial.ts';

export interface BadnessOptions {
  readonly generations: number;
  readonly seed: number;
  /** Side of a picture, in pixels. */
  readonly side: number;
  /** Whether each vice is to have shown. */
  readonly mustShowAll: boolean;
  readonly onEnd?: () => void;
}

export interface BadnessResult extends TrialResult {
  /** How often each vice has shown. */
  readonly shown: ReadonlyMap<Vice, number>;
}

const steps = 20;

export async function sufferBadness(options: BadnessOptions): Promise<BadnessResult> {
  const { generations, seed, side, mustShowAll, onEnd } = options;
  const proxy = await BadProxy.listen(seed);
  const house = await MortalHouse.build({
    backends: 2,
    side,
    variables: { BACKEND_SILENCE_SECONDS: '2' },
    addresses: ([good, bad]) => {
      proxy.forwardTo(bad!);
      return [good!, proxy.url];
    },
  });
  try {
    const blows = { fall: async () => {}, end: () => proxy.behave() };
    const result = await trial(house, wishes(generations, steps), blows, { exact: true, ...(onEnd && { onEnd }) });
    const never = [...proxy.shown].filter(([, times]) => mustShowAll && times === 0).map(([vice]) => vice);
    const findings = [...result.findings, ...never.map(vice => `the bad backend never ${vice}: nothing was shown`)];
    return { ...result, shown: proxy.shown, findings };
  } finally {
    await house.tearDown();
    await proxy.close();
  }
}
