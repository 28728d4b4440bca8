import { describe, expect, it } from 'vitest';
import { suggest, take, wordBefore } from './suggestions.ts';

const entry = (phrase: string, also: string[] = []) => ({ phrase, kind: 'thing', also });
const entries = [entry('castle'), entry('Japanese castle'), entry('cat', ['kitten']), entry('hot air balloon')];
const at = (prompt: string) => suggest(prompt, prompt.length, entries);

describe('wordBefore', () => {
  it.each([
    ['a ca', 4, 'ca'],
    ['a c', 3, null],
    ['a cat', 4, null],
    ['a cat ', 6, null],
    ['ca on red', 2, 'ca'],
    ['', 0, null],
  ])('of %j at %i is %j', (prompt, caret, word) => expect(wordBefore(prompt, caret)).toBe(word));
});

describe('suggest', () => {
  it('goes on from the last word', () => {
    expect(at('a ca').map(({ phrase }) => phrase)).toEqual(['castle', 'cat', 'Japanese castle']);
    expect(at('a ca')[0]).toEqual({ phrase: 'castle', kind: 'thing', from: 2 });
  });

  it('prefers what goes on from several words', () => {
    expect(at('a japanese ca')[0]).toEqual({ phrase: 'Japanese castle', kind: 'thing', from: 2 });
  });

  it('finds phrases by a later word, and by another name', () => {
    expect(at('a red ball').map(({ phrase }) => phrase)).toEqual(['hot air balloon']);
    expect(at('two kitt').map(({ phrase }) => phrase)).toEqual(['cat']);
  });

  it('is silent where the phrase stands there already', () => {
    expect(at('a cat').map(({ phrase }) => phrase)).toEqual([]);
    expect(at('a kitten').map(({ phrase }) => phrase)).toEqual([]);
  });

  it('begins at the beginning of a word', () => {
    expect(at('a bobcat').map(({ phrase }) => phrase)).toEqual([]);
  });
});

describe('take', () => {
  it('puts the phrase in place of what was typed', () => {
    const [suggestion] = at('a japanese ca');
    expect(take('a japanese ca', 13, suggestion!)).toEqual({ prompt: 'a Japanese castle', caret: 17 });
    expect(take('a japanese ca, red', 13, suggestion!).prompt).toBe('a Japanese castle, red');
  });
});
