import { describe, expect, it } from 'vitest';
import { Candidates } from './candidates.ts';

const slots = (candidates: Candidates) => candidates.survivors().map(({ slot }) => slot);

describe('Candidates', () => {
  it('leaves out what lies wholly below as many as are wanted, however they come', () => {
    const intervals = [
      [1, 0.1, 0.2],
      [2, 0.5, 0.7],
      [3, 0.6, 0.8],
      [4, 0.4, 0.49],
      [5, 0.3, 0.5],
    ] as const;
    for (const order of [intervals, intervals.toReversed()]) {
      const candidates = new Candidates(2, -1);
      for (const [slot, low, high] of order) candidates.add(slot, low, high, true);
      // 5 may be as near as the second of the two, and then come before it by its id.
      expect(slots(candidates)).toEqual([3, 2, 5]);
    }
  });

  it('lets what may belong to the page before stand in nobody’s way', () => {
    const candidates = new Candidates(1, -1);
    candidates.add(1, 0.8, 0.95, false);
    candidates.add(2, 0.3, 0.4, true);
    expect(slots(candidates)).toEqual([1, 2]);
  });

  it('wants nothing below the least, though there be few', () => {
    const candidates = new Candidates(10, 0.5);
    candidates.add(1, 0.4, 0.49, true);
    candidates.add(2, 0.4, 0.5, true);
    expect(slots(candidates)).toEqual([2]);
  });
});
