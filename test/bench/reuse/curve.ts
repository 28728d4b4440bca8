/** Tables of what was measured, by how alike the prompts are and by how many steps were taken. */
import type { Wrong } from './judge.ts';
import type { PairKind } from './pairs.ts';
import { difference, type Tally, tally } from './tally.ts';

export type Both<Value> = readonly [Value, Value];

/** One picture that went on from another prompt's steps. Of two, the first is of it, the second of the same computed whole. */
export interface CurveRow {
  readonly kind: PairKind;
  readonly prompts: Both<string>;
  readonly seed: number;
  readonly similarity: { readonly EMBEDDING: number | null; readonly PROMPT: number };
  readonly skipped: number;
  readonly steps: number;
  readonly right: Both<boolean>;
  readonly background: Both<boolean>;
  readonly wrong: Both<Wrong>;
  readonly embedding: number | null;
  readonly distance: number;
}

/** Similarities from `least` on, below `most`. */
export interface Band {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

const bounds = {
  EMBEDDING: [0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.3],
  PROMPT: [0.97, 0.95, 0.9, 0.85, 0.8, 0.7, 0.5],
} as const;

/** Most alike first. */
export function bandsOf(space: keyof typeof bounds): readonly Band[] {
  const edges = [1.01, ...bounds[space], -1.01];
  return edges.slice(1).map((least, i) => ({
    name: least < -1 ? `below ${edges[i]!.toFixed(2)}` : `${least.toFixed(2)} and more`,
    least,
    most: edges[i]!,
  }));
}

type SimilarityOf = (row: CurveRow) => number | null;

function within(rows: readonly CurveRow[], { least, most }: Band, of: SimilarityOf): readonly CurveRow[] {
  return rows.filter(row => {
    const similarity = of(row);
    return similarity !== null && similarity >= least && similarity < most;
  });
}

const stepsIn = (rows: readonly CurveRow[]) =>
  [...new Set(rows.map(({ skipped }) => skipped))].toSorted((a, b) => a - b);

const whats = ['colour', 'thing', 'side'] as const;

/** What was changed and is served wrong, of these kinds together. */
function wrongIn(rows: readonly CurveRow[], kinds: readonly (typeof whats)[number][] = whats): Tally {
  return tally(rows.flatMap(({ wrong: [mine, whole] }) => kinds.map(what => [mine[what], whole[what]] as const)));
}

/** @returns the half of the 95 % interval of a difference between paired shares, in points of a hundred */
function reachOf(pairs: readonly Both<boolean>[]): number {
  const count = pairs.length;
  if (count === 0) return 0;
  const worse = pairs.filter(([mine, whole]) => !mine && whole).length / count;
  const better = pairs.filter(([mine, whole]) => mine && !whole).length / count;
  return 100 * 1.96 * Math.sqrt((worse + better - (worse - better) ** 2) / count);
}

/** Lines of a table. */
export function curve(rows: readonly CurveRow[], bands: readonly Band[], of: SimilarityOf): readonly string[] {
  const header =
    'prompts              steps   pictures   judged right (whole)   points lost   background   changed wrong (whole)   similarity';
  const lines = [header];
  for (const band of bands) {
    const inBand = within(rows, band, of);
    for (const skipped of stepsIn(inBand)) {
      const some = inBand.filter(row => row.skipped === skipped);
      const right = tally(some.map(row => row.right));
      const background = tally(some.map(row => row.background));
      const wrong = wrongIn(some);
      const share = (part: number, count: number) => (count === 0 ? '  –' : `${((100 * part) / count).toFixed(0)} %`);
      const similarities = some.flatMap(({ embedding }) => embedding ?? []);
      const mean = similarities.reduce((sum, each) => sum + each, 0) / similarities.length;
      lines.push(
        [
          band.name.padEnd(18),
          String(skipped).padStart(8),
          String(some.length).padStart(11),
          `${share(right.reused, right.count)} (${share(right.whole, right.count)})`.padStart(23),
          `${(-difference(right)).toFixed(1)} ± ${reachOf(some.map(row => row.right)).toFixed(1)}`.padStart(14),
          share(background.reused, background.count).padStart(13),
          `${share(wrong.reused, wrong.count)} (${share(wrong.whole, wrong.count)})`.padStart(24),
          (similarities.length > 0 ? mean.toFixed(3) : '–').padStart(13),
        ].join(''),
      );
    }
  }
  return lines.length > 1 ? lines : [];
}

/** Points that are no loss. */
const bearable = 2;

/** For each band, the most steps that may be taken; from the most alike on, it only becomes less. */
export function ladderOf(rows: readonly CurveRow[], bands: readonly Band[], of: SimilarityOf): readonly string[] {
  let most = Number.POSITIVE_INFINITY;
  return bands.flatMap(band => {
    const inBand = within(rows, band, of);
    if (inBand.length === 0) return [];
    const bears = (skipped: number) => {
      const some = inBand.filter(row => row.skipped === skipped);
      const lost = [some.map(row => row.right), some.map(row => row.background)].map(
        pairs => -difference(tally(pairs)),
      );
      // Each kind alone: a background that is lost is not made up for by things that are there by chance.
      const wrong = whats.map(what => difference(wrongIn(some, [what])));
      return [...lost, ...wrong].every(points => points <= bearable);
    };
    const steps = stepsIn(inBand);
    // One that costs too much ends it, whatever chance says of the ones after it.
    const first = steps.findIndex(skipped => !bears(skipped));
    const found = first < 0 ? steps.at(-1)! : (steps[first - 1] ?? 0);
    most = Math.min(most, found);
    return [`  ${band.name.padEnd(18)} ${most} of ${inBand[0]!.steps}`];
  });
}
