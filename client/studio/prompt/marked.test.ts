import { expect, it } from 'vitest';
import { piecesOf, replaceWord } from './marked.ts';

const gryphon = { word: 'gryphon', start: 2, end: 9, suggestions: ['dragon'] };

it('cuts a prompt at the words that are unknown', () => {
  expect(piecesOf('a gryphon on red', [gryphon])).toEqual([
    { text: 'a ', unknown: false },
    { text: 'gryphon', unknown: true },
    { text: ' on red', unknown: false },
  ]);
});

it('marks nothing where the text has moved on', () => {
  expect(piecesOf('the gryphon', [gryphon])).toEqual([{ text: 'the gryphon', unknown: false }]);
});

it('replaces the word where it stands now', () => {
  expect(replaceWord('a gryphon on red', gryphon, 'dragon')).toBe('a dragon on red');
  expect(replaceWord('the gryphon', gryphon, 'dragon')).toBe('the dragon');
  expect(replaceWord('a cat', gryphon, 'dragon')).toBe('a cat');
});
