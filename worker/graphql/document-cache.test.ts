import { expect, test } from 'vitest';
import { DocumentCache } from './document-cache.ts';

test('keeps the documents used last, and no long ones', () => {
  const cache = new DocumentCache<number>(2, 5);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  cache.set('too long', 4);
  expect(['a', 'b', 'c', 'too long'].map(document => cache.get(document))).toEqual([1, undefined, 3, undefined]);
});
