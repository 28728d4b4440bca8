import { describe, expect, it } from 'vitest';
import { JobQueue } from './queue.ts';

const never = new AbortController().signal;

/** Lets promises settle. */
const settle = () => new Promise(resolve => setImmediate(resolve));

describe('JobQueue', () => {
  it('gives turns in order, as many at a time as its capacity', async () => {
    const queue = new JobQueue(2, 2);
    const places = [1, 2, 3, 4].map(() => queue.reserve());
    const order: number[] = [];
    places.forEach((place, i) => void place.turn(never).then(() => order.push(i)));
    await settle();
    expect(order).toEqual([0, 1]);
    expect([queue.running, queue.queued]).toEqual([2, 2]);
    places[1]!.leave();
    await settle();
    expect(order).toEqual([0, 1, 2]);
    for (const place of places) place.leave();
    expect([queue.running, queue.queued]).toEqual([0, 0]);
  });

  it('refuses beyond its limit and says when to come back', () => {
    const queue = new JobQueue(1, 1);
    const first = queue.reserve();
    queue.reserve();
    expect(() => queue.reserve()).toThrow(expect.objectContaining({ code: 'queue_full', status: 429 }));
    try {
      queue.reserve();
    } catch (error) {
      const { body, headers } = error as { body: { retryAfterMs: number }; headers: Record<string, string> };
      expect(body.retryAfterMs).toBeGreaterThanOrEqual(1000);
      expect(headers['retry-after']).toBe(String(Math.ceil(body.retryAfterMs / 1000)));
    }
    first.leave();
    first.leave();
    queue.reserve();
    expect(() => queue.reserve()).toThrow();
  });

  it('tells how many are before one in the line', async () => {
    const queue = new JobQueue(1, 3);
    const [first, second, third, silent] = [1, 2, 3, 4].map(() => queue.reserve());
    const impatient = new AbortController();
    await first!.turn(never);
    const left = second!.turn(impatient.signal).catch(() => undefined);
    const turn = third!.turn(never);
    const positions = () => [first, second, third, silent].map(place => place!.position);
    expect(positions()).toEqual([null, 0, 1, null]);
    impatient.abort();
    await left;
    expect(positions()).toEqual([null, null, 0, null]);
    first!.leave();
    await turn;
    expect(positions()).toEqual([null, null, null, null]);
  });

  it('forgets who leaves while waiting', async () => {
    const queue = new JobQueue(1, 2);
    const running = queue.reserve();
    await running.turn(never);
    const impatient = new AbortController();
    const waiting = queue.reserve();
    const turn = waiting.turn(impatient.signal);
    const last = queue.reserve();
    const lastTurn = last.turn(never);
    impatient.abort(new Error('hung up'));
    await expect(turn).rejects.toThrow('hung up');
    waiting.leave();
    expect(queue.queued).toBe(1);
    running.leave();
    await lastTurn;
    expect([queue.running, queue.queued]).toEqual([1, 0]);
  });

  it('holds a place for one that has not asked for its turn yet', async () => {
    const queue = new JobQueue(1, 1);
    const slow = queue.reserve();
    const quick = queue.reserve();
    await quick.turn(never);
    expect([queue.running, queue.queued]).toEqual([1, 1]);
    slow.leave();
    quick.leave();
    expect([queue.running, queue.queued]).toEqual([0, 0]);
  });
});
