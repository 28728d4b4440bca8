import { describe, expect, it } from 'vitest';
import { firstCall } from './strength.ts';

describe('firstCall', () => {
  it('does a step at the least strength it names, for every number of steps', () => {
    for (let steps = 1; steps <= 1_000; steps++) {
      const least = Number(/expected at least (.+)$/.exec(refusal(steps))![1]);
      expect(firstCall(steps, least)).toBe(steps - 1);
      expect(least).toBeLessThan(1 / steps + 0.0001);
    }
  });
});

/** What is said to a strength that is too low for any step. */
function refusal(steps: number): string {
  try {
    firstCall(steps, 1e-9);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}
