import { expect, test } from 'vitest';
import { findingTogether } from './finding-together.ts';

/** Knows "a" and "b", fails at "broken". */
function lookups() {
  const asked: (readonly string[])[] = [];
  const find = findingTogether(async keys => {
    asked.push(keys);
    if (keys.includes('broken')) throw new Error('no answer');
    return new Map(keys.filter(key => key === 'a' || key === 'b').map(key => [key, key.toUpperCase()]));
  });
  return { asked, find };
}

test('what is asked for at the same moment is one lookup, what is asked for later another', async () => {
  const { asked, find } = lookups();
  expect(await Promise.all(['b', 'c', 'a'].map(find))).toEqual(['B', null, 'A']);
  expect(await find('a')).toBe('A');
  expect(asked).toEqual([['b', 'c', 'a'], ['a']]);
});

test('a lookup that fails is told to all who asked, and is over', async () => {
  const { find } = lookups();
  const both = await Promise.allSettled([find('a'), find('broken')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await find('a')).toBe('A');
});
