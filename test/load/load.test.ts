/** What the long programs `bench:accept`, `bench:cancel` and `test:watchers` look for, with few; without a clock. */
import { expect, it } from 'vitest';
import { acceptAndServe } from './accepting.ts';
import { cancelUnderLoad } from './cancelling.ts';
import { watchMany } from './watching.ts';

it('accepts while no backend works, refuses beyond the backlog, and serves in order', {
  timeout: 120_000,
}, async () => {
  const { findings, ms, refused, mostOutOfOrder, places } = await acceptAndServe({ generations: 12 });
  expect(findings).toEqual([]);
  expect(ms).toHaveLength(12);
  expect(refused).toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: expect.any(Number) });
  expect(mostOutOfOrder).toBeLessThanOrEqual(places);
});

it('has a backend let go of what is cancelled', { timeout: 120_000 }, async () => {
  const { findings, freeMs } = await cancelUnderLoad({ generations: 4, running: 2, side: 96 });
  expect(findings).toEqual([]);
  expect(freeMs).toHaveLength(2);
});

it('shows every watcher steps that only grow, and the end', { timeout: 120_000 }, async () => {
  const { findings, events } = await watchMany({ watchers: 6, generations: 2, steps: 60 });
  expect(findings).toEqual([]);
  expect(events).toHaveLength(6);
});
