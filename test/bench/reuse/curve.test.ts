import { describe, expect, it } from 'vitest';
import { bandsOf, type CurveRow, curve, ladderOf } from './curve.ts';
import { kinds, pairsOf } from './pairs.ts';
import { changesBetween, SceneWriter } from './scenes.ts';

const nothing = { colour: null, thing: null, side: null };

/** So many pictures with so many right, computed whole and not. */
function rows(similarity: number, skipped: number, count: number, right: readonly [number, number]): CurveRow[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'paraphrase' as const,
    prompts: ['a', 'b'],
    seed: i,
    similarity: { EMBEDDING: similarity, PROMPT: 0 },
    skipped,
    steps: 20,
    right: [i < right[0], i < right[1]],
    background: [true, true],
    wrong: [nothing, nothing],
    embedding: 0.5,
    distance: 0,
  }));
}

const of = (row: CurveRow) => row.similarity.EMBEDDING;

describe('bands', () => {
  it.each(['EMBEDDING', 'PROMPT'] as const)('of %s hold every similarity once', space => {
    const bands = bandsOf(space);
    for (let similarity = -1; similarity <= 1; similarity += 0.01) {
      expect(bands.filter(({ least, most }) => similarity >= least && similarity < most)).toHaveLength(1);
    }
  });
});

describe('the curve', () => {
  it('has a line for each similarity and number of steps, with the interval of what is lost', () => {
    const measured = [...rows(0.96, 2, 10, [8, 10]), ...rows(0.96, 4, 10, [10, 10]), ...rows(0.4, 2, 4, [4, 2])];
    const lines = curve(measured, bandsOf('EMBEDDING'), of);
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^0\.95 and more +2 +10 +80 % \(100 %\) +20\.0 ± 24\.8 +100 %/);
    expect(lines[3]).toMatch(/^0\.30 and more +2 +4 +100 % \(50 %\) +-50\.0/);
    expect(curve([], bandsOf('EMBEDDING'), of)).toEqual([]);
  });

  it('lets as many steps be taken as cost nothing, and never more where prompts are less alike', () => {
    const measured = [
      ...rows(0.96, 2, 10, [10, 10]),
      ...rows(0.96, 4, 10, [8, 10]),
      ...rows(0.96, 6, 10, [10, 10]),
      ...rows(0.92, 2, 10, [10, 10]),
      ...rows(0.92, 4, 10, [10, 10]),
      ...rows(0.55, 2, 10, [5, 10]),
    ];
    const text = ladderOf(measured, bandsOf('EMBEDDING'), of).map(line => line.trim().replaceAll(/ +/g, ' '));
    expect(text).toEqual(['0.95 and more 2 of 20', '0.90 and more 2 of 20', '0.50 and more 0 of 20']);
  });

  it('counts what was changed and is served wrong as a loss', () => {
    const wrong = { ...nothing, colour: true };
    const measured = rows(0.96, 2, 10, [10, 10]).map(row => ({
      ...row,
      wrong: [wrong, { ...nothing, colour: false }] as const,
    }));
    expect(ladderOf(measured, bandsOf('EMBEDDING'), of)[0]).toContain(' 0 of 20');
  });
});

it('pairs differ in what their kind says', () => {
  const things = ['owl', 'cat', 'dog', 'bee', 'bus'].map(phrase => ({ phrase, kind: 'animal', also: [] }));
  const colours = ['red', 'blue', 'pink'].map(phrase => ({ phrase, kind: 'colour', also: [] }));
  const pairs = pairsOf(kinds, 10, new SceneWriter([...things, ...colours], 3));
  expect(pairs).toHaveLength(60);
  for (const { kind, from, to, prompts } of pairs) {
    const { colour, things, side } = changesBetween(from, to);
    expect(prompts[0]).not.toBe(prompts[1]);
    expect({ colour, things: things.length, side }).toEqual(
      {
        paraphrase: { colour: false, things: 0, side: false },
        colour: { colour: true, things: 0, side: false },
        thing: { colour: false, things: 1, side: false },
        side: { colour: false, things: 0, side: true },
        ground: { colour: false, things: to.things.length, side: false },
        other: { colour: true, things: to.things.length, side: false },
      }[kind],
    );
  }
});
