import { describe, expect, it } from 'vitest';
import { nextAttemptAfter } from './schedule.ts';

describe('nextAttemptAfter', () => {
  const delays = (random: number) => Array.from({ length: 11 }, (_, attempts) => nextAttemptAfter(attempts, random)!);

  it('begins at once, waits ever longer, and gives up after eleven attempts and about a day', () => {
    const seconds = delays(0).map(delay => delay / 1_000);
    expect(seconds).toEqual([0, 5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800]);
    expect(seconds.reduce((sum, delay) => sum + delay, 0) / 3_600).toBeCloseTo(23.7, 1);
    for (const attempts of [11, 12, 1_000]) expect(nextAttemptAfter(attempts, 0.5)).toBeNull();
  });

  it('waits up to a tenth longer, in whole milliseconds', () => {
    expect(delays(1)).toEqual(delays(0).map(delay => (delay * 11) / 10));
    expect(nextAttemptAfter(1, 0.123_456)).toBe(5_062);
  });
});
