import { expect, it } from 'vitest';
import type { GenerationState } from '../../schema/context.ts';
import { type Attempts, oneMore } from './attempts.ts';

const at = (step: number, images = 0) => ({ step, images: Array(images).fill({}) }) as unknown as GenerationState;

/** How often the work may be begun at these places, one after the other. */
function begun(...states: GenerationState[]): number {
  let attempts: Attempts | undefined;
  for (const [count, state] of states.entries()) {
    const next = oneMore(attempts, state);
    if (next === null) return count;
    attempts = next;
  }
  return states.length;
}

it('lets the work be begun eight times without getting any further', () => {
  expect(begun(...Array.from({ length: 20 }, () => at(5)))).toBe(8);
});

it('counts anew after a step, or an image', () => {
  const stuck = Array.from({ length: 8 }, () => at(5));
  expect(begun(...stuck, at(6), ...stuck.map(() => at(6)))).toBe(16);
  expect(begun(...stuck, at(5, 1), at(5, 1))).toBe(10);
});
