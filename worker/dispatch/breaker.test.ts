import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

/** One that has just opened, at time 0. */
function opened(): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < 3; i++) breaker.failed(0);
  return breaker;
}

describe('Breaker', () => {
  it('opens after three failures in a row', () => {
    const breaker = new Breaker();
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded();
    breaker.failed(0);
    breaker.failed(0);
    expect(breaker.state(0)).toBe('CLOSED');
    breaker.failed(0);
    expect(breaker.state(0)).toBe('OPEN');
  });

  it('lets one pass after a pause, to see', () => {
    const breaker = opened();
    expect([breaker.state(1_999), breaker.state(2_000)]).toEqual(['OPEN', 'HALF_OPEN']);
    breaker.given(2_000);
    expect(breaker.state(2_000)).toBe('OPEN');
  });

  it('lets another one pass where the first has shown nothing', () => {
    const breaker = opened();
    breaker.given(2_000);
    breaker.released();
    expect(breaker.state(2_000)).toBe('HALF_OPEN');
  });

  it('closes when that one succeeds', () => {
    const breaker = opened();
    breaker.given(2_000);
    breaker.succeeded();
    expect(breaker.state(2_000)).toBe('CLOSED');
  });

  it('pauses twice as long each time, a minute at most, and after a success as at first', () => {
    const breaker = opened();
    let now = 0;
    const pause = () => {
      const since = now;
      while (breaker.state(now) === 'OPEN') now += 500;
      return now - since;
    };
    const pauses = [pause()];
    for (let i = 0; i < 6; i++) {
      breaker.given(now);
      breaker.failed(now);
      pauses.push(pause());
    }
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    breaker.succeeded();
    for (let i = 0; i < 3; i++) breaker.failed(now);
    expect(pause()).toBe(2_000);
  });

  it('pauses no longer for what fails with the rest', () => {
    const breaker = opened();
    for (let i = 0; i < 5; i++) breaker.failed(10);
    expect(breaker.state(2_000)).toBe('HALF_OPEN');
  });
});
