import { expect, it } from 'vitest';
import { defaultBudget, formatBytes, parseBytes } from './memory-budget.ts';

const GiB = 2 ** 30;

it.each([
  ['a machine', 16 * GiB, 0, 12 * GiB],
  ['a container that is smaller', 16 * GiB, 8 * GiB, 6 * GiB],
  ['a container without a limit', 16 * GiB, 2 ** 64, 12 * GiB],
])('is three quarters of %s', (_, machine, container, budget) => {
  expect(defaultBudget(machine, container)).toBe(budget);
});

it('reads sizes', () => {
  expect(parseBytes('6GiB')).toBe(6 * GiB);
  expect(parseBytes(' 1.5 GiB ')).toBe(1.5 * GiB);
  expect(parseBytes('900MiB')).toBe(900 * 2 ** 20);
  expect(parseBytes('64KiB')).toBe(65_536);
});

it.each(['', '6', '6GB', '0GiB', '0.0000001KiB', '-1GiB', '1e3MiB', 'GiB', '99999999999GiB'])('refuses %j', text => {
  expect(parseBytes(text)).toBeNull();
});

it('writes sizes', () => {
  expect([3.94 * GiB, 240 * GiB, 1.5 * 2 ** 20, 512].map(formatBytes)).toEqual([
    '3.9 GiB',
    '240 GiB',
    '1.5 MiB',
    '0.5 KiB',
  ]);
});
