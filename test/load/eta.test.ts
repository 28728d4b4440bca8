/** Those who wait are told how long. How good that is, `npm run bench:eta` measures. */
import { expect, it } from 'vitest';
import { estimate } from './estimating.ts';

it('tells all that wait an estimate, once some have ended', { timeout: 120_000 }, async () => {
  const { estimates, findings } = await estimate({ generations: 16, after: 4, seed: 1, side: 64 });
  expect(findings).toEqual([]);
  expect(estimates.length).toBeGreaterThan(0);
  for (const { etaMs } of estimates) expect(etaMs).toBeGreaterThan(0);
});
