import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('Pace', () => {
  it('knows nothing before it has seen something', () => {
    const pace = new Pace();
    expect([pace.of('a', 20), pace.guess('a', 20)]).toEqual([null, 0]);
  });

  it('tells steps from what belongs to any number of them', () => {
    const pace = new Pace();
    pace.learn('a', { ms: 1_300, steps: 10, stepMs: 1_000 });
    expect([pace.of('a', 10), pace.of('a', 30)]).toEqual([1_300, 3_300]);
  });

  it('believes the newest a quarter', () => {
    const pace = new Pace();
    pace.learn('a', { ms: 1_000, steps: 10, stepMs: 1_000 });
    pace.learn('a', { ms: 2_000, steps: 10, stepMs: 2_000 });
    expect(pace.of('a', 1)).toBe(125);
  });

  it('learns how long the rest takes of a job that had its steps behind it', () => {
    const pace = new Pace();
    pace.learn('a', { ms: 40, steps: 0, stepMs: 0 });
    expect(pace.of('a', 1)).toBeNull();
    pace.learn('a', { ms: 1_100, steps: 10, stepMs: 1_000 });
    pace.learn('a', { ms: 500, steps: 0, stepMs: 0 });
    expect(pace.of('a', 10)).toBe(1_200);
  });

  it('guesses by the last that it has learnt of what it knows nothing of', () => {
    const pace = new Pace();
    pace.learn('a', { ms: 10, steps: 1, stepMs: 10 });
    pace.learn('b', { ms: 30, steps: 1, stepMs: 30 });
    expect([pace.guess('c', 2), pace.of('c', 2)]).toEqual([60, null]);
    pace.learn('a', { ms: 10, steps: 1, stepMs: 10 });
    expect(pace.guess('c', 2)).toBe(20);
  });

  it('is the same after what it knows was kept', () => {
    const pace = new Pace();
    pace.learn('a', { ms: 1_300, steps: 10, stepMs: 1_000 });
    const again = new Pace(JSON.parse(JSON.stringify(pace.known)));
    expect([again.of('a', 20), again.guess('b', 20)]).toEqual([pace.of('a', 20), pace.guess('b', 20)]);
  });
});
