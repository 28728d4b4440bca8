import { expect, test } from 'vitest';
import { legible } from './legible.ts';

test.each([
  ['a\n  red\tapple ', 'a red apple'],
  ['Cafe\u0301', 'Café'],
  ['a\u200bb\u00adc\u2066d\ufe0f', 'abcd'],
  ['\u0000\u0007x', 'x'],
  ['plain', 'plain'],
])('%j is written %j', (text, written) => {
  expect(legible(text)).toBe(written);
});
