import { expect, it } from 'vitest';
import { facts, table } from './table.ts';

it('puts columns under each other, numbers to the right', () => {
  expect(
    table(
      ['name', 'bytes', 'prompt'],
      [
        ['a', 5, 'of\ntwo lines'],
        ['longer', 12345, ''],
      ],
    ),
  ).toBe('name    bytes  prompt\na           5  of two lines\nlonger  12345');
  expect(table(['key', 'prompt'], [])).toBe('key  prompt');
});

it('leaves out facts that are none', () => {
  expect(
    facts([
      ['id', 'x'],
      ['strength', null],
      ['longest', 0],
    ]),
  ).toBe('id       x\nlongest  0');
});
