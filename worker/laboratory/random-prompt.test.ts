import { describe, expect, it } from 'vitest';
import { testCard } from '../../schema/testing/services.ts';
import { randomPrompt } from './random-prompt.ts';

const vocabulary = testCard.vocabulary!;

describe('a random prompt', () => {
  it('names a thing that the checkpoint knows, on a colour that it knows', () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(randomPrompt(vocabulary, seed)).toMatch(/^a (dog|cat|pizza) on a red background$/);
    }
  });

  it('is the same for the same seed, and in time names every thing', () => {
    const prompts = Array.from({ length: 40 }, (_, seed) => randomPrompt(vocabulary, seed));
    expect(Array.from({ length: 40 }, (_, seed) => randomPrompt(vocabulary, seed))).toEqual(prompts);
    expect(new Set(prompts).size).toBe(3);
  });

  it('has the article that belongs to it, and no background where no colour is known', () => {
    expect(randomPrompt([{ phrase: 'apple', kind: 'food', also: [] }], 1)).toBe('an apple');
  });

  it('is none where nothing is named', () => {
    expect(randomPrompt([{ phrase: 'red', kind: 'colour', also: [] }], 1)).toBeNull();
  });
});
