/** Has the same made twice: once under blows, and on an empty state in peace. */
import { Course, type Wish } from './course.ts';
import type { MortalHouse } from './mortal-house.ts';
import { StateOnDisk } from './state-on-disk.ts';
import { StubbornClient } from './stubborn-client.ts';
import { compareTwins, type Likeness } from './twins.ts';

/** What is done to those who work. */
export interface Blows {
  /** Until enough has been done. @param ended how many generations have ended */
  fall(ended: () => number): Promise<void>;
  /** From now on nothing is done. */
  end(): void;
}

export interface TrialResult {
  readonly likeness: Likeness;
  /** Denoising steps that the backends have taken under blows, and in peace. */
  readonly steps: { readonly disturbed: number; readonly calm: number };
  readonly seconds: { readonly disturbed: number; readonly calm: number };
  /** Answers that were lost on the way. */
  readonly lost: number;
  readonly replays: number;
  /** Files and rows that were left half done, and swept. */
  readonly orphans: number;
  /** All that should not be. */
  readonly findings: readonly string[];
}

export interface TrialOptions {
  /** Whether the twins must be the same to the byte. */
  readonly exact: boolean;
  /** Told of every end, of both. */
  readonly onEnd?: () => void;
}

export async function trial(
  house: MortalHouse,
  all: readonly Wish[],
  blows: Blows,
  { exact, onEnd = () => {} }: TrialOptions,
): Promise<TrialResult> {
  const client = new StubbornClient(house.edge.url);
  const course = new Course(client);
  const began = performance.now();
  const falling = blows.fall(() => course.ended);
  const running = course.run(all, onEnd);
  // Whichever fails first: without one of them the other might wait for ever.
  const [ends] = await Promise.all([running, falling]);
  const between = performance.now();
  blows.end();
  const disturbed = await house.steps();
  await house.edge.kill();
  const { orphans, wrong } = await look(house, ends);

  await house.startOver();
  const calmCourse = new Course(new StubbornClient(house.edge.url));
  const calmBegan = performance.now();
  const twins = await calmCourse.run(all, onEnd);
  const calmEnded = performance.now();
  const likeness = await compareTwins(ends, twins, exact);
  return {
    likeness,
    steps: { disturbed, calm: (await house.steps()) - disturbed },
    seconds: { disturbed: (between - began) / 1000, calm: (calmEnded - calmBegan) / 1000 },
    lost: client.lost,
    replays: course.replays,
    orphans,
    findings: [
      ...course.findings,
      ...client.errors.map(error => `an answer was an error: ${error}`),
      ...wrong,
      ...calmCourse.findings.map(finding => `in peace: ${finding}`),
      ...likeness.findings,
    ],
  };
}

/** What the worker has on disk, which is dead. */
async function look(house: MortalHouse, ends: Awaited<ReturnType<Course['run']>>) {
  const pictures = [...ends.values()].flatMap(end => end.pictures);
  const digests = new Map(pictures.map(({ latentKey, digest }) => [latentKey, digest]));
  const state = await StateOnDisk.open(house.home);
  try {
    const orphans = await state.sweep();
    return { orphans, wrong: await state.findings(digests) };
  } finally {
    await state.close();
  }
}
