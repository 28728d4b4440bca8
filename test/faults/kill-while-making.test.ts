/** Worker and backends are killed while they make pictures. The long form is `npm run test:faults`. */
import { expect, it } from 'vitest';
import { killWhileMaking } from './kills-while-making.ts';

it('loses nothing, makes nothing twice, and ends in the same bytes', { timeout: 180_000 }, async () => {
  // On a busy machine the worker may be far behind a backend that is quick: how many steps are taken again the long form tells.
  const result = await killWhileMaking({ generations: 12, kills: 4, seed: 3, batch: 1, side: 80, mostAgain: 40 });
  expect(result.findings).toEqual([]);
  expect(result.likeness).toMatchObject({ images: 13, different: 0 });
  expect(result.kills.length).toBeGreaterThan(0);
});
