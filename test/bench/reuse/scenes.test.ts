import { describe, expect, it } from 'vitest';
import { isRight, wrongOf } from './judge.ts';
import { changesBetween, type Scene, SceneWriter } from './scenes.ts';

const words = [
  { phrase: 'horse', kind: 'animal', also: ['pony'] },
  { phrase: 'owl', kind: 'animal', also: [] },
  { phrase: 'grapes', kind: 'food', also: ['bunch of grapes'] },
  { phrase: 'red', kind: 'colour', also: [] },
  { phrase: 'blue', kind: 'colour', also: [] },
  { phrase: 'above', kind: 'relation', also: [] },
];
const pair: Scene = { things: ['horse', 'owl'], relation: 'left', background: 'red' };
const single: Scene = { things: ['grapes'], relation: null, background: 'blue' };

describe('SceneWriter', () => {
  const writer = new SceneWriter(words, 1);

  it('draws the same for the same seed, of things alone', () => {
    const [a, b] = [new SceneWriter(words, 7), new SceneWriter(words, 7)];
    const drawn = Array.from({ length: 20 }, () => a.scene());
    expect(Array.from({ length: 20 }, () => b.scene())).toEqual(drawn);
    expect(new Set(drawn.flatMap(({ things }) => things))).toEqual(new Set(['horse', 'owl', 'grapes']));
    for (const { things, relation } of drawn) expect(relation === null).toBe(things.length === 1);
  });

  it('says a scene plainly, and otherwise', () => {
    expect(writer.plain(pair)).toBe('a horse and an owl on a red background');
    expect(writer.plain(single)).toBe('grapes on a blue background');
    const said = new Set(Array.from({ length: 50 }, () => writer.paraphrase(pair)));
    expect(said).toContain('an owl to the right of a pony, red background');
    expect(said).not.toContain(writer.plain(pair));
  });

  it('changes one thing at a time', () => {
    expect(changesBetween(pair, writer.withColour(pair))).toEqual({ colour: true, things: [], side: false });
    expect(changesBetween(pair, writer.withThing(pair)).things).toHaveLength(1);
    expect(changesBetween(pair, writer.withSide(pair))).toEqual({ colour: false, things: [], side: true });
    expect(changesBetween(pair, pair)).toEqual({ colour: false, things: [], side: false });
  });
});

describe('a verdict', () => {
  it('is right where every thing is in its place', () => {
    expect(isRight(pair, { things: ['horse', 'owl'], background: 'blue' })).toBe(true);
    expect(isRight(pair, { things: ['owl', 'horse'], background: 'red' })).toBe(false);
    expect(isRight(pair, { things: ['horse', null], background: 'red' })).toBe(false);
  });

  it('tells what was changed and is not as it was asked for', () => {
    const changed = { colour: true, things: [1], side: false };
    expect(wrongOf(pair, changed, { things: ['horse', 'cat'], background: 'blue' })).toEqual({
      colour: true,
      thing: true,
      side: null,
    });
    const swapped = { colour: false, things: [], side: true };
    expect(wrongOf(pair, swapped, { things: ['owl', 'horse'], background: 'red' }).side).toBe(true);
    expect(wrongOf(pair, swapped, { things: ['horse', null], background: 'red' }).side).toBe(false);
  });
});
