import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import { BackendWatch } from './backend-watch.ts';

const identity = { name: 'gpu', bootId: 'b', runtime: 'r', executionProvider: 'cpu', threads: 2, processor: 'x64' };

function backend(digests = ['c']) {
  const checkpoints = digests.map(digest => ({ name: digest, digest, loaded: true, loadedBytes: 0 }));
  return {
    ready: vi.fn(async () => ({ bootId: 'b', backend: identity, checkpoints })),
    health: vi.fn(async () => ({ status: 'alive' as const, running: 0, queued: 0, capacity: 2, queueLimit: 4 })),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('BackendWatch', () => {
  it('sees what a backend has, and how much it does at once', async () => {
    const watch = new BackendWatch(new Map([['a', backend(['c', 'd'])]]));
    expect([watch.seen('a'), watch.silence('a', Date.now())]).toEqual([null, Number.POSITIVE_INFINITY]);
    await watch.look(Date.now());
    const state = { digests: new Set(['c', 'd']), kind: 'r, cpu, x64, 2 threads', bootId: 'b' };
    expect(watch.seen('a')).toEqual({ state, capacity: 2, queueLimit: 4 });
  });

  it('looks once for all who want to know at the same time, and not again for a while', async () => {
    const a = backend();
    const watch = new BackendWatch(new Map([['a', a]]));
    await Promise.all([watch.look(Date.now()), watch.look(Date.now())]);
    vi.advanceTimersByTime(1_999);
    await watch.look(Date.now());
    expect(a.ready).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    await watch.look(Date.now());
    expect(a.ready).toHaveBeenCalledTimes(2);
  });

  it('looks at once when what it has seen is in doubt', async () => {
    const a = backend();
    const watch = new BackendWatch(new Map([['a', a]]));
    await watch.look(Date.now());
    watch.doubt('a');
    await watch.look(Date.now());
    expect(a.ready).toHaveBeenCalledTimes(2);
  });

  it('looks again when the doubt came while it was looking', async () => {
    const a = backend();
    const watch = new BackendWatch(new Map([['a', a]]));
    const looking = watch.look(Date.now());
    watch.doubt('a');
    await looking;
    await watch.look(Date.now());
    expect(a.ready).toHaveBeenCalledTimes(2);
  });

  it('knows how long one has been silent, and how much it did at once; the others it sees as before', async () => {
    const a = backend();
    const watch = new BackendWatch(
      new Map([
        ['a', a],
        ['b', backend()],
      ]),
    );
    await watch.look(Date.now());
    a.ready.mockRejectedValue(new BackendUnreachable('gone'));
    vi.advanceTimersByTime(5_000);
    await watch.look(Date.now());
    expect(watch.seen('a')).toMatchObject({ state: null, capacity: 2 });
    expect(watch.seen('b')!.state).not.toBeNull();
    expect([watch.silence('a', Date.now()), watch.silence('b', Date.now())]).toEqual([5_000, 0]);
  });

  it('hears of one that says it loads, and gives it nothing', async () => {
    const a = backend();
    a.ready.mockRejectedValue(new BackendError({ code: 'not_ready', message: 'loading', retryable: true }));
    const watch = new BackendWatch(new Map([['a', a]]));
    await watch.look(Date.now());
    expect([watch.seen('a')!.state, watch.silence('a', Date.now())]).toEqual([null, 0]);
  });
});
