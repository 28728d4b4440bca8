import { describe, expect, test } from 'vitest';
import { promptFaults } from './prompt-faults.ts';

const faults = (text: string) => promptFaults('prompt', text, false);

describe('promptFaults', () => {
  test('finds none in texts of any language', () => {
    for (const text of ['a dog', '', 'собака', '犬', '🐶👩‍👩‍👧', 'ligne\nsuivante\tet\r\n', 'e\u0301']) {
      expect(faults(text)).toEqual([]);
    }
  });

  test('counts characters, not UTF-16 units', () => {
    expect(faults('a'.repeat(1_000))).toEqual([]);
    expect(faults('a'.repeat(1_001))).toEqual(['prompt has 1001 characters: at most 1000']);
    expect(faults('🐶'.repeat(1_000))).toEqual([]);
    expect(faults('🐶'.repeat(1_001))).toEqual(['prompt has 2002 characters: at most 1000']);
  });

  test('does not look at huge texts', () => {
    expect(faults('\u0000'.repeat(1_000_000))).toEqual(['prompt has 1000000 characters: at most 1000']);
  });

  test('names the first control character and the first half of a pair', () => {
    expect(faults('a\u0007b\u0000')).toEqual(['prompt has the control character U+0007 at 1']);
    expect(faults('a\u0085')).toEqual(['prompt has the control character U+0085 at 1']);
    expect(faults('ab\ud83d')).toEqual(['prompt has half a surrogate pair, U+D83D, at 2']);
    expect(faults('\udc36\u0000')).toHaveLength(2);
  });
});

test('blank is what shows nothing', () => {
  const empty = ['', ' \n\t', '\u200b\u200d\ufeff', '\u00a0\u3000'].map(text => promptFaults('prompt', text, true));
  expect(empty).toEqual(empty.map(() => ['prompt is empty']));
  expect(['.', '🐶', '0'].flatMap(text => promptFaults('prompt', text, true))).toEqual([]);
});
