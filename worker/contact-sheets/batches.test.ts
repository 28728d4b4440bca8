import { expect, it } from 'vitest';
import { inBatches } from './batches.ts';

const numbers = Array.from({ length: 20 }, (_, i) => i);

it('does all, a few at a time and in their order', async () => {
  const begun: number[] = [];
  let [running, most] = [0, 0];
  await inBatches(numbers, async (number, index) => {
    expect(index).toBe(number);
    begun.push(number);
    most = Math.max(most, ++running);
    await new Promise(resolve => setTimeout(resolve, number % 3));
    running--;
  });
  expect(begun).toEqual(numbers);
  expect(most).toBe(6);
});

it('fails with the first, once nothing is under way, and begins no more', async () => {
  const ended: number[] = [];
  const all = inBatches(numbers, async number => {
    if (number === 7 || number === 8) throw new Error(`no ${number}`);
    await new Promise(resolve => setTimeout(resolve, 5));
    ended.push(number);
  });
  await expect(all).rejects.toThrow('no 7');
  expect(ended).toEqual([0, 1, 2, 3, 4, 5, 6, 9, 10, 11]);
});
