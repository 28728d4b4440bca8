import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetryLater } from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import { type Attempt, withBackend } from './patience.ts';
import type { ReadyBackend } from './pool.ts';

const backend = {} as ReadyBackend;
const always = { choose: async () => backend };
const gone = () => new BackendUnreachable('gone');
const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What becomes of it, as time goes by. */
async function outcome<T>(work: Promise<T>): Promise<T | Error> {
  const ended = work.catch((error: Error) => error);
  await vi.advanceTimersByTimeAsync(30 * minute);
  return ended;
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('withBackend', () => {
  it('survives a restart of the backend in whose queue it waited for long', async () => {
    let backendIsThere = true;
    let attempts = 0;
    const pool = {
      async choose() {
        if (!backendIsThere) throw new RetryLater('BACKEND_UNAVAILABLE', 'none', 2_000);
        return backend;
      },
    };
    const work = async (_: ReadyBackend, { placed }: Attempt) => {
      if (++attempts > 1) return 'a picture';
      placed();
      await sleep(5 * minute);
      placed();
      backendIsThere = false;
      setTimeout(() => {
        backendIsThere = true;
      }, 5_000);
      throw gone();
    };
    expect(await outcome(withBackend(pool, '', work))).toBe('a picture');
  });

  it('does not count time in the queue of a backend that does not tell of it', async () => {
    let attempts = 0;
    const work = async () => {
      if (++attempts > 1) return 'a picture';
      await sleep(minute);
      throw gone();
    };
    expect(await outcome(withBackend(always, '', work))).toBe('a picture');
  });

  it('gives up after ten seconds without one', async () => {
    const began = Date.now();
    let gaveUp = 0;
    const choose = async () => {
      gaveUp = Date.now();
      throw new RetryLater('BACKEND_UNAVAILABLE', 'none', 2_000);
    };
    expect(await outcome(withBackend({ choose }, '', async () => null))).toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect(gaveUp - began).toBe(10_000);
  });

  it('gives up on one that says it is ready and never has a place', async () => {
    let attempts = 0;
    const work = () => {
      attempts++;
      return Promise.reject(gone());
    };
    expect(await outcome(withBackend(always, '', work))).toBeInstanceOf(BackendUnreachable);
    expect(attempts).toBeLessThanOrEqual(11);
  });

  it('asks a full one again when it said to, and never more than once a second', async () => {
    const times: number[] = [];
    const work = async () => {
      times.push(Date.now());
      if (times.length > 3) return 'a picture';
      const retryAfterMs = times.length === 1 ? 7_000 : 10;
      throw new BackendError({ code: 'queue_full', message: 'full', retryable: true, retryAfterMs });
    };
    expect(await outcome(withBackend(always, '', work))).toBe('a picture');
    const pauses = times.slice(1).map((time, i) => time - times[i]!);
    expect(pauses[0]).toBeGreaterThanOrEqual(7_000);
    for (const pause of pauses.slice(1)) expect(pause).toBeGreaterThanOrEqual(1_000);
  });

  it('does not try again what had begun', async () => {
    let attempts = 0;
    const work = async (_: ReadyBackend, { begun }: Attempt) => {
      attempts++;
      begun();
      throw gone();
    };
    expect(await outcome(withBackend(always, '', work))).toBeInstanceOf(BackendUnreachable);
    expect(attempts).toBe(1);
  });
});
