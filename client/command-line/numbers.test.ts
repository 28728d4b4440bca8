import { expect, it } from 'vitest';
import { countFrom, numberFrom, sizeFrom } from './numbers.ts';
import { UsageError } from './troubles.ts';

it('takes counts within their bounds only', () => {
  const count = (text?: string) => countFrom('count', text, [2, 64]);
  expect([count(), count('2'), count('64')]).toEqual([undefined, 2, 64]);
  for (const text of ['1', '65', '1e9', '2.5', '-3']) {
    expect(() => count(text)).toThrow(`--count is ${Number(text)}: expected a whole number from 2 to 64`);
  }
  expect(() => count('many')).toThrow('--count is "many": expected a number');
});

it('tells what is no number and no size', () => {
  expect(() => numberFrom('steps', ' ')).toThrow(UsageError);
  expect(sizeFrom('12x8')).toEqual({ width: 12, height: 8 });
  expect(() => sizeFrom('big')).toThrow('--size is "big": expected one such as 128x128');
});
