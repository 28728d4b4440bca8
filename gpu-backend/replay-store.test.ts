import { expect, it } from 'vitest';
import { ReplayStore } from './replay-store.ts';

it('remembers a nonce for a period at least', () => {
  const store = new ReplayStore(1000, 10, 0);
  expect(store.take('a', 999)).toBe('fresh');
  expect(store.take('a', 999)).toBe('replayed');
  expect(store.take('a', 1999)).toBe('replayed');
  expect(store.take('b', 1999)).toBe('fresh');
});

it('forgets after two periods', () => {
  const store = new ReplayStore(1000, 10, 0);
  store.take('a', 0);
  expect(store.take('a', 2000)).toBe('fresh');
  expect(store.take('a', 50_000)).toBe('fresh');
});

it('takes no more than its limit per period, and says when there is room', () => {
  const store = new ReplayStore(1000, 2, 0);
  expect([store.take('a', 100), store.take('b', 100), store.take('c', 400)]).toEqual(['fresh', 'fresh', 'full']);
  expect(store.roomIn(400)).toBe(600);
  expect(store.take('c', 1000)).toBe('fresh');
  expect(store.take('a', 1000)).toBe('replayed');
});
