/** One of two backends misbehaves. The long form is `npm run test:bad-backends`. */
import { expect, it } from 'vitest';
import { sufferBadness } from './badness.ts';

it('ends everything rightly beside a bad backend', { timeout: 180_000 }, async () => {
  const result = await sufferBadness({ generations: 12, seed: 2, side: 48 });
  expect(result.findings).toEqual([]);
  expect(result.likeness).toMatchObject({ different: 0 });
  expect([...result.shown.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
});
