import { describe, expect, it } from 'vitest';
import { seeded, ticket } from '../../test/edge/ticket.ts';
import { FairQueue } from './fair-queue.ts';
import type { Ticket } from './ticket.ts';

function queueOf(...tickets: Ticket[]): FairQueue {
  const queue = new FairQueue();
  for (const each of tickets) queue.add(each);
  return queue;
}

const of =
  (caller: string, change: Partial<Ticket> = {}) =>
  (id: string) =>
    ticket(id, { caller, ...change });

function taken(queue: FairQueue, isPossible: (ticket: Ticket) => boolean = () => true): string[] {
  const ids: string[] = [];
  for (let next = queue.take(isPossible); next; next = queue.take(isPossible)) ids.push(next.id);
  return ids;
}

describe('FairQueue', () => {
  it('serves one caller in the order of acceptance, whatever order it is told of them in', () => {
    expect(taken(queueOf(...['3', '1', '4', '2'].map(of('a'))))).toEqual(['1', '2', '3', '4']);
  });

  it('serves callers in turns by the work that they ask for', () => {
    const small = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map(of('a', { steps: 5 }));
    const large = ['b1', 'b2'].map(of('b', { steps: 25 }));
    // With what every turn costs: three of the small ones are one of the large.
    expect(taken(queueOf(...large, ...small))).toEqual(['b1', 'a1', 'a2', 'a3', 'b2', 'a4', 'a5', 'a6']);
  });

  it('serves before all others what has begun', () => {
    const queue = queueOf(...['1', '2'].map(of('a')), ...['3', '4'].map(of('b')));
    queue.add(ticket('5', { caller: 'b', isBegun: true }));
    expect(taken(queue)[0]).toBe('5');
  });

  it('owes nothing for the past to a caller that comes late', () => {
    const queue = queueOf(...Array.from({ length: 20 }, (_, i) => of('a')(`a${i + 10}`)));
    for (let i = 0; i < 10; i++) queue.take(() => true);
    for (let i = 0; i < 10; i++) queue.add(of('b')(`b${i + 10}`));
    const next = Array.from({ length: 10 }, () => queue.take(() => true)!.caller);
    expect(next.filter(caller => caller === 'b')).toHaveLength(5);
  });

  it('does not let a caller go first again and again by asking for one thing at a time', () => {
    const queue = queueOf(...Array.from({ length: 20 }, (_, i) => of('patient')(`a${i + 10}`)));
    const served = Array.from({ length: 20 }, (_, i) => {
      if (!queue.has(`b${i - 1}`)) queue.add(of('pushy')(`b${i}`));
      return queue.take(() => true)!.caller;
    });
    expect(served.filter(caller => caller === 'patient').length).toBeGreaterThanOrEqual(9);
  });

  it('holds nothing against a caller that was served while nobody else waited', () => {
    const queue = queueOf(of('a', { steps: 1_000 })('a1'));
    queue.take(() => true);
    for (const id of ['b1', 'b2', 'b3']) queue.add(of('b')(id));
    queue.add(of('a')('a2'));
    expect(taken(queue).indexOf('a2')).toBeLessThanOrEqual(1);
  });

  it('forgets what is removed', () => {
    const queue = queueOf(...['1', '2', '3'].map(of('a')));
    expect([queue.remove('2'), queue.remove('2'), queue.has('2'), queue.size]).toEqual([true, false, false, 2]);
    expect(taken(queue)).toEqual(['1', '3']);
  });

  it('takes the newer of two tickets with one id', () => {
    const queue = queueOf(ticket('1'), ticket('2'), ticket('2', { isBegun: true }));
    expect([queue.size, taken(queue)]).toEqual([2, ['2', '1']]);
  });

  it('lets pass whoever can be served those who cannot, and keeps these', () => {
    const queue = queueOf(ticket('1', { checkpoint: 'gone' }), ticket('2'), ticket('3', { checkpoint: 'gone' }));
    expect(taken(queue, ({ checkpoint }) => checkpoint === 'c')).toEqual(['2']);
    expect(taken(queue)).toEqual(['1', '3']);
  });

  it('says the order in which it then serves, whatever came before', () => {
    const random = seeded(7);
    for (let round = 0; round < 200; round++) {
      const queue = new FairQueue();
      const add = (i: number) =>
        queue.add(
          ticket(`${round}-${i}`, {
            caller: 'abcd'[Math.floor(random() ** 2 * 4)]!,
            order: String(Math.floor(random() * 1e6)).padStart(6, '0'),
            steps: Math.ceil(random() * 50),
            isBegun: random() < 0.1,
          }),
        );
      for (let i = 0; i < 40; i++) {
        if (random() < 0.6) add(i);
        else if (random() < 0.5) queue.take(() => random() < 0.7);
        else queue.remove(`${round}-${Math.floor(random() * i)}`);
      }
      const told = [...queue.inOrder()].map(({ id }) => id);
      expect(told).toHaveLength(queue.size);
      expect(taken(queue)).toEqual(told);
    }
  });

  it('gives nobody more than a fair share and one turn, while all have something waiting', () => {
    const random = seeded(11);
    const queue = new FairQueue();
    const callers = ['a', 'b', 'c'];
    for (const caller of callers) {
      for (let i = 0; i < 200; i++) queue.add(of(caller, { steps: Math.ceil(random() * 50) })(`${caller}${i + 100}`));
    }
    const work = new Map(callers.map(caller => [caller, 0]));
    for (let i = 0; i < 300; i++) {
      const { caller, steps } = queue.take(() => true)!;
      work.set(caller, work.get(caller)! + steps + 5);
      const served = [...work.values()];
      expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(2 * 55);
    }
  });
});
