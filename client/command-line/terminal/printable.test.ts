import { expect, it } from 'vitest';
import { printable, printableJson } from './printable.ts';
import { Screen } from './screen.ts';

it('shows what terminals would do something for, and leaves all else', () => {
  expect(printable('a\x1b]0;title\x07\r\x9b2J\x7f\0')).toBe('a\\x1b]0;title\\x07\\x0d\\x9b2J\\x7f\\x00');
  expect(printable('gpj.\u202egnp \u2066\u200f\u061c')).toBe('gpj.\\u202egnp \\u2066\\u200f\\u061c');
  const harmless = 'line\n\tÜber 日本 “שלום” 👩‍🎨 █░';
  expect(printable(harmless)).toBe(harmless);
});

it('says the same to programs', () => {
  const document = { 'a\x9b': ['\x1b[2J\u202e', 'é\n'] };
  const text = printableJson(document);
  expect(JSON.parse(text)).toEqual(document);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

it.each([true, false])('is what remarks and progress are (terminal: %s)', isTTY => {
  const texts: string[] = [];
  const stream = { isTTY, columns: 80, write: (text: string) => texts.push(text) > 0 };
  const screen = new Screen({ stream: stream as never, quiet: false, pictures: null });
  screen.line('\x1b]2;title\x07');
  screen.note('it knows \x1b]2;title\x07');
  const written = texts.join('');
  expect(written).toContain('it knows \\x1b]2;title\\x07\n');
  expect(written).not.toContain('\x1b]');
});
