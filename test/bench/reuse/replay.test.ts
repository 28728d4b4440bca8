import { expect, it } from 'vitest';
import { type Answer, savingsOf } from './replay.ts';

const answer = (key: string, kind: Answer['kind'], skipped: number): Answer => {
  return { key, kind, skipped, steps: 20, seed: 1, similarity: null, source: null, url: '' };
};

it('counts what was asked for again as spared by EXACT, however it was made at first', () => {
  const answers = [
    answer('a', 'NONE', 0),
    answer('a', 'EXACT', 20),
    answer('b', 'APPROXIMATE', 4),
    answer('b', 'APPROXIMATE', 20),
  ];
  expect(savingsOf(answers)).toEqual({ steps: 80, exact: 40, approximate: 4 });
});

it('counts what each kind of reuse has saved', () => {
  const answers = [
    answer('a', 'EXACT', 20),
    answer('b', 'EXACT', 0),
    answer('c', 'APPROXIMATE', 6),
    answer('d', 'NONE', 0),
  ];
  expect(savingsOf(answers)).toEqual({ steps: 80, exact: 20, approximate: 6 });
});
