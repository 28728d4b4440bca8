import { describe, expect, it } from 'vitest';
import { leastSimilarity, stepsToSkip } from './steps-to-skip.ts';

describe('stepsToSkip', () => {
  const kept = [2, 4, 6, 8, 10];

  it.each(['EMBEDDING', 'PROMPT'] as const)('in %s grows with the likeness, up to half of the steps', space => {
    const skipped = Array.from({ length: 201 }, (_, i) => stepsToSkip(space, i / 100 - 1, kept, 20));
    expect(skipped.toSorted((a, b) => a - b)).toEqual(skipped);
    expect(skipped.at(-1)).toBeGreaterThan(0);
    expect(skipped.at(-1)).toBeLessThanOrEqual(10);
    expect(stepsToSkip(space, leastSimilarity(space), kept, 20)).toBeGreaterThan(0);
    expect(stepsToSkip(space, leastSimilarity(space) - 0.001, kept, 20)).toBe(0);
  });

  it('takes a step that is there', () => {
    expect(stepsToSkip('EMBEDDING', 1, [3], 20)).toBe(3);
    expect(stepsToSkip('EMBEDDING', 1, [], 20)).toBe(0);
  });
});
