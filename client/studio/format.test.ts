import { expect, it } from 'vitest';
import { duration, remaining, size } from './format.ts';

it('tells durations', () => {
  expect([340.4, 2_449, 9_990, 12_300, 179_000].map(duration)).toEqual(['340 ms', '2.4 s', '10.0 s', '12 s', '3 min']);
});

it('tells what is left in whole seconds', () => {
  expect([531, 1_000, 1_001, 61_000].map(remaining)).toEqual(['under 1 s', '1 s', '2 s', '1 min']);
});

it('tells sizes', () => {
  expect([12, 4_120, 2_000_000].map(size)).toEqual(['12 B', '4.1 kB', '2.0 MB']);
});
