import { describe, expect, test } from 'vitest';
import { singulars } from './base-forms.ts';
import { editDistance } from './edit-distance.ts';
import { VocabularyAdvice } from './vocabulary-advice.ts';

const advice = new VocabularyAdvice([
  { phrase: 'dog', kind: 'animal', also: ['puppy', 'pup'] },
  { phrase: 'mouse', kind: 'animal', also: [] },
  { phrase: 'wolf', kind: 'animal', also: [] },
  { phrase: 'hot dog', kind: 'food', also: [] },
  { phrase: 'cherries', kind: 'food', also: ['cherry'] },
  { phrase: 'T-shirt', kind: 'garment', also: ['tee'] },
  { phrase: 'skull', kind: 'face', also: ['death’s head'] },
  { phrase: 'dragon', kind: 'animal', also: [] },
  { phrase: 'red', kind: 'colour', also: [] },
  { phrase: 'face with sunglasses', kind: 'face', also: [] },
  { phrase: 'lion', kind: 'animal', also: [] },
  { phrase: 'tiger', kind: 'animal', also: [] },
  { phrase: 'kitten', kind: 'animal', also: [] },
  { phrase: 'yellow', kind: 'colour', also: [] },
  { phrase: 'small', kind: 'size', also: [] },
  { phrase: 'background', kind: 'filler', also: [] },
  ...['a', 'on', 'and', 'the', 'with', 'in front of', 'picture'].map(phrase => ({ phrase, kind: 'filler', also: [] })),
]);
const unknown = (prompt: string) => advice.unknownWords(prompt).map(({ word }) => word);
const suggested = (word: string) => advice.unknownWords(word)[0]?.suggestions;

describe('unknown words', () => {
  test('are none where every word was taught, in any case and with any punctuation', () => {
    expect(unknown('A puppy, on a RED background!')).toEqual([]);
    expect(unknown('T-shirt; a dog’s head, death\'s "head"')).toEqual([]);
    expect(unknown('')).toEqual([]);
  });

  test('are told with their place in UTF-16 units', () => {
    const prompt = '🐶 a fluffy dog on a Sofa';
    for (const { word, start, end } of advice.unknownWords(prompt)) expect(prompt.slice(start, end)).toBe(word);
    expect(unknown(prompt)).toEqual(['🐶', 'fluffy', 'Sofa']);
    expect(advice.unknownWords(prompt)[1]).toMatchObject({ start: 5, end: 11 });
  });

  test('are told each time they occur', () => {
    expect(unknown('sofa on sofa')).toEqual(['sofa', 'sofa']);
  });

  test('hold plurals that were not taught: the singular is suggested first', () => {
    expect(unknown('dogs')).toEqual(['dogs']);
    expect(suggested('dogs')?.[0]).toBe('dog');
    expect(suggested('mice')?.[0]).toBe('mouse');
    expect(suggested('wolves')?.[0]).toBe('wolf');
    expect(unknown('cherries on a cherry')).toEqual([]);
  });

  test('come with the phrases that are spelled nearest', () => {
    expect(suggested('dargon')?.[0]).toBe('dragon');
    expect(suggested('dawg')?.[0]).toBe('dog');
    expect(suggested('pupy')).toEqual(['puppy', 'pup']);
    expect(suggested('hotdog')?.[0]).toBe('hot dog');
    expect(suggested('xylophonist')).toEqual([]);
  });

  test.each([
    ['backgruond', 'background'],
    ['bakground', 'background'],
    ['bakgruond', 'background'],
    ['backgrounds', 'background'],
    ['hte', 'the'],
    ['wiht', 'with'],
    ['fornt', 'in front of'],
    ['pitcure', 'picture'],
    ['yelow', 'yellow'],
    ['yelolw', 'yellow'],
    ['rde', 'red'],
    ['smlal', 'small'],
  ])('that are a misspelt filler, colour or size come with it: %s', (word, meant) => {
    expect(suggested(word)).toEqual([meant]);
  });

  test.each([
    ...['then', 'hand', 'no', 'font', 'wish', 'at', 'for', 'playground', 'mixture', 'foreground'],
    ...['river', 'sitting', 'long', 'well', 'made'],
  ])('that are a common word of their own come with nothing: %s', word => {
    expect(suggested(word)).toEqual([]);
  });

  test('beyond the first twenty different ones come without suggestions', () => {
    const words = Array.from({ length: 20 }, (_, i) => `unheard${String.fromCharCode(97 + i)}`);
    const found = advice.unknownWords(`dargon ${words.join(' ')} dargon pupy`);
    expect(found.map(({ word }) => word)).toEqual(['dargon', ...words, 'dargon', 'pupy']);
    expect(found.map(({ suggestions }) => suggestions[0]).filter(Boolean)).toEqual(['dragon', 'dragon']);
  });

  test('of a prompt full of them are found quickly', () => {
    let state = 7;
    const letter = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return 'etaoinshrdlucmfwypvbgkqjxz'[(state >>> 16) % 26];
    };
    const word = (length: number) => Array.from({ length }, letter).join('');
    const phrases = Array.from({ length: 2000 }, (_, i) => ({ phrase: word(4 + (i % 6)), kind: 'thing', also: [] }));
    const large = new VocabularyAdvice(phrases);
    const prompt = Array.from({ length: 120 }, () => word(7)).join(' ');
    const unknown = large.unknownWords(prompt);
    expect(unknown).toHaveLength(120);
    expect(unknown.filter(({ suggestions }) => suggestions.length > 0).length).toBeLessThanOrEqual(20);
  });
});

test('edit distance counts swaps once and stops at the most that is of interest', () => {
  expect(editDistance('dragon', 'dragon', 3)).toBe(0);
  expect(editDistance('dargon', 'dragon', 3)).toBe(1);
  expect(editDistance('kitten', 'sitting', 3)).toBe(3);
  expect(editDistance('kitten', 'sitting', 2)).toBe(3);
  expect(editDistance('', 'abc', 5)).toBe(3);
  expect(editDistance('abc', '', 5)).toBe(3);
});

test('singulars', () => {
  expect(singulars('boxes')).toContain('box');
  expect(singulars('horses')).toContain('horse');
  expect(singulars('cities')).toContain('city');
  expect(singulars('knives')).toContain('knife');
  expect(singulars('children')).toContain('child');
  expect(singulars('s')).toEqual([]);
});
