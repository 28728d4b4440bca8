/** The worker is killed at random moments of storing. The long form is `npm run test:kill`. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everything, Kills } from './kills.ts';

let kills: Kills;
beforeAll(async () => {
  kills = await Kills.prepare(2026);
}, 120_000);
afterAll(() => kills?.end());

it('leaves no wrong entry, and no orphan after the next sweep', { timeout: 120_000 }, async () => {
  const all = [];
  for (let i = 0; i < 3; i++) all.push(await kills.once());
  console.log(
    all.map(({ after, stored, orphans }) => `after ${after} changes: ${stored} stored, ${orphans} orphans`).join('\n'),
  );
  expect(all.flatMap(({ findings }) => findings)).toEqual([]);
  // Some of it was stored, and some of it was not: it was killed in the middle.
  expect(all.some(({ stored }) => stored > 0)).toBe(true);
  expect(all.some(({ stored }) => stored < everything.length)).toBe(true);
  expect(await kills.aftermath()).toEqual([]);
  console.log(`${kills.spared} latents went on from others' steps`);
});
