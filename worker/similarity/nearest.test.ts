import { expect, it } from 'vitest';
import { nearestOf } from './nearest.ts';

it('reads on while what is left could be as near, and come first by its id', () => {
  const numbers = Float32Array.of(1, 2);
  const stored = [...'bac'].map(id => ({ id, numbers }));
  const candidates = [0, 1, 2].map(slot => ({ slot, high: 1 }));
  const found = nearestOf({ numbers, limit: 1 }, candidates, 1, slots => slots.map(slot => stored[slot]!));
  expect(found).toEqual([{ id: 'a', similarity: 1 }]);
});
