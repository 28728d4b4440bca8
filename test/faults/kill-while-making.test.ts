/** Worker and backends are killed while they make pictures. The long form is `npm run test:faults`. */
import { expect, it } from 'vitest';
import { killWhileMaking } from './kills-while-making.ts';

it('loses nothing, makes nothing twice, and ends in the same bytes', { timeout: 180_000 }, async () => {
  const result = await killWhileMaking({ generations: 12, kills: 4, seed: 3, batch: 1, side: 80 });
  expect(result.findings).toEqual([]);
  expect(result.likeness).toMatchObject({ different: 0 });
  expect(result.likeness.images).toBeGreaterThanOrEqual(12);
  expect(result.kills).toHaveLength(4);
});
