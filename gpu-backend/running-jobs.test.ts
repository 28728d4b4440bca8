import { describe, expect, it } from 'vitest';
import type { WeightBytes } from '../models/runtime.ts';
import { RunningJobs } from './running-jobs.ts';

const weights = (held: number): WeightBytes[] => [{ held, widened: 0 }];
const wanted = () => false;

/** Where all sessions together may take 100. */
function jobsOf100(): RunningJobs {
  return new RunningJobs(sessions => sessions.reduce((sum, { held }) => sum + held, 0) <= 100);
}

/** Whether it is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  await new Promise(resolve => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('RunningJobs', () => {
  it('lets jobs run together whose checkpoints have room together, counting each checkpoint once', async () => {
    const jobs = jobsOf100();
    for (const checkpoint of ['a', 'b', 'a', 'b']) {
      expect(await jobs.begin(checkpoint, weights(50), wanted)).toMatchObject({ checkpoint });
    }
    expect(jobs.holds('a') && jobs.holds('b')).toBe(true);
    expect(jobs.holds('c')).toBe(false);
  });

  it('lets others wait until all are over that leave no room', async () => {
    const jobs = jobsOf100();
    const running = [await jobs.begin('a', weights(60), wanted), await jobs.begin('a', weights(60), wanted)];
    const other = jobs.begin('b', weights(60), wanted);
    expect(await isSettled(other)).toBe(false);
    jobs.end(running[0]!);
    expect(await isSettled(other)).toBe(false);
    jobs.end(running[1]!);
    expect(await isSettled(other)).toBe(true);
    expect(jobs.holds('a')).toBe(false);
  });

  it('lets one alone run whatever it takes', async () => {
    expect(await jobsOf100().begin('a', weights(101), wanted)).toMatchObject({ checkpoint: 'a' });
  });

  it('lets none overtake, and begins all at once that may', async () => {
    const jobs = jobsOf100();
    const first = await jobs.begin('a', weights(60), wanted);
    const began: string[] = [];
    const begin = (checkpoint: string) =>
      jobs.begin(checkpoint, weights(60), wanted).then(hold => {
        began.push(checkpoint);
        return hold!;
      });
    const [b, again, a] = [begin('b'), begin('b'), begin('a')];
    jobs.end(first!);
    jobs.end(await b);
    expect(await isSettled(a)).toBe(false);
    jobs.end(await again);
    await a;
    expect(began).toEqual(['b', 'b', 'a']);
  });

  it('forgets one that is cancelled while it waits, and lets those behind it begin', async () => {
    const jobs = jobsOf100();
    await jobs.begin('a', weights(60), wanted);
    let cancelled = false;
    const big = jobs.begin('b', weights(60), () => cancelled);
    const behind = jobs.begin('a', weights(60), wanted);
    expect(await isSettled(behind)).toBe(false);
    cancelled = true;
    expect(await big).toBeNull();
    expect(await behind).toMatchObject({ checkpoint: 'a' });
    expect(jobs.holds('b')).toBe(false);
  });

  it('tells what was used before every job that runs', async () => {
    const jobs = jobsOf100();
    const before = jobs.now;
    const first = await jobs.begin('a', weights(1), wanted);
    const during = jobs.now;
    const second = await jobs.begin('a', weights(1), wanted);
    expect([before, during, jobs.now].map(tick => jobs.allBeganAfter(tick))).toEqual([true, false, false]);
    jobs.end(first!);
    expect([before, during, jobs.now].map(tick => jobs.allBeganAfter(tick))).toEqual([true, true, false]);
    jobs.end(second!);
    expect(jobs.allBeganAfter(jobs.now)).toBe(true);
  });
});
