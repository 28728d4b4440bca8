import { describe, expect, test } from 'vitest';
import { breakLines } from './lines.ts';

const broken = (text: string, across: number, lines = 9) => breakLines(text, lines, { across, widthOf: () => 1 });

describe('lines', () => {
  test('take as many words as fit', () => {
    expect(broken('a red apple on a blue background', 12)).toEqual(['a red apple', 'on a blue', 'background']);
    expect(broken('a red apple', 40)).toEqual(['a red apple']);
    expect(broken('', 9)).toEqual([]);
  });

  test('break names after what holds their parts together', () => {
    expect(broken('EULER_ANCESTRAL', 12)).toEqual(['EULER_', 'ANCESTRAL']);
    expect(broken('well-known', 5)).toEqual(['well-', 'known']);
  });

  test('break a word that none of them takes, by whole characters', () => {
    expect(broken('abcdefgh i', 3)).toEqual(['abc', 'def', 'gh', 'i']);
    expect(broken('🎉🎉🎉', 2)).toEqual(['🎉🎉', '🎉']);
    expect(broken('abc', 0)).toEqual(['a', 'b', 'c']);
  });

  test('keep together what is not to be broken', () => {
    expect(broken('128\u00a0×\u00a0128 px', 9)).toEqual(['128\u00a0×\u00a0128', 'px']);
  });

  test('end in an ellipsis where there is more, after a whole word if one fits', () => {
    expect(broken('one two, three four five', 9, 2)).toEqual(['one two,', 'three…']);
    expect(broken('one two three', 8, 1)).toEqual(['one two…']);
    expect(broken('one two, three', 9, 1)).toEqual(['one two…']);
    expect(broken('supercalifragilistic', 8, 1)).toEqual(['superca…']);
    expect(broken('EULER_ANCESTRAL', 7, 1)).toEqual(['EULER_…']);
  });

  test.each([
    ['one word', 'a'.repeat(10_000)],
    ['many words', 'a dog, '.repeat(1_500)],
    ['dots', '.'.repeat(10_000)],
  ])('measure no character of %s twice', (_, text) => {
    for (const [across, most] of [
      [1, 9],
      [20, 4],
      [9_000, 1],
      [5, 10_000],
    ] as const) {
      let measured = 0;
      const widthOf = () => {
        measured++;
        return 1;
      };
      const lines = breakLines(text, most, { across, widthOf });
      expect(lines.length).toBeLessThanOrEqual(most);
      // And the ellipsis.
      expect(measured).toBeLessThanOrEqual(text.length + 1);
    }
  });
});
