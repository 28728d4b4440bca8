import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seeded, ticket } from '../../test/edge/ticket.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import { BackendWatch } from './backend-watch.ts';
import { Dispatcher, type JobReport } from './dispatcher.ts';
import type { Lease } from './held.ts';
import { Pace } from './pace.ts';
import type { Ticket } from './ticket.ts';

const patienceMs = 60_000;
const identity = { name: 'gpu', bootId: 'b', runtime: 'r', executionProvider: 'cpu', threads: 1, processor: 'x64' };

/** A backend as it is seen; one that is not up does not answer. */
interface Card {
  isUp: boolean;
  digests: string[];
  capacity: number;
  queueLimit: number;
  processor: string;
}

function card(change: Partial<Card> = {}): Card {
  return { isUp: true, digests: ['c'], capacity: 1, queueLimit: 4, processor: 'x64', ...change };
}

/** A dispatcher of these backends, and what it has called. */
function house(cards: Record<string, Card>) {
  const called: [id: string, failure: string | null][] = [];
  const clients = Object.entries(cards).map(([address, of]) => {
    const answer = async <T>(value: () => T) => {
      if (!of.isUp) throw new BackendUnreachable('down');
      return value();
    };
    const ready = () =>
      answer(() => {
        const checkpoints = of.digests.map(digest => ({ name: digest, digest, loaded: true, loadedBytes: 0 }));
        return { bootId: 'b', backend: { ...identity, processor: of.processor }, checkpoints };
      });
    const { capacity, queueLimit } = of;
    const health = () => answer(() => ({ status: 'alive' as const, running: 0, queued: 0, capacity, queueLimit }));
    return [address, { ready, health }] as const;
  });
  const watch = new BackendWatch(new Map(clients));
  const pace = new Pace();
  const dispatcher = new Dispatcher({
    watch,
    pace,
    call: ({ id }, failure) => called.push([id, failure?.message ?? null]),
    now: () => Date.now(),
    patienceMs,
  });
  /** All of them in, and what is called for it. */
  const enqueue = async (...tickets: Ticket[]) => {
    for (const each of tickets) dispatcher.enqueue(each);
    await dispatcher.pump();
  };
  /** What somebody who is called does next. */
  const take = async (of: Ticket) => (await dispatcher.take(of)) as Lease;
  const end = async ({ turn }: Ticket, { address }: Lease, change: Partial<JobReport> = {}) => {
    dispatcher.ended(turn, address, { outcome: 'DONE', steps: 20, stepMs: 1_000, ...change });
    await dispatcher.pump();
  };
  /** The ids that were called since. */
  const news = () => called.splice(0).map(([id]) => id);
  return { dispatcher, pace, called, enqueue, take, end, news };
}

const ofKind = (processor: string) => `r, cpu, ${processor}, 1 thread`;
const pass = async (ms: number, dispatcher: Dispatcher) => {
  for (let left = ms; left > 0; left -= 2_000) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 2_000));
    await dispatcher.pump();
  }
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('giving', () => {
  it('gives to the least loaded, each one job more than it runs', async () => {
    const { dispatcher, enqueue, take, news } = house({ a: card(), b: card({ capacity: 2 }) });
    const tickets = ['1', '2', '3', '4', '5', '6'].map(id => ticket(id));
    await enqueue(...tickets);
    expect(news()).toEqual(['1', '2', '3', '4', '5']);
    const given = await Promise.all(tickets.slice(0, 5).map(take));
    // Of two that do nothing the first; then by how much of what each can do it does.
    expect(given.map(({ address }) => address)).toEqual(['a', 'b', 'b', 'a', 'b']);
    expect(dispatcher.waiting).toBe(1);
  });

  it('gives no job ahead to a backend that lets none wait', async () => {
    const { enqueue, news } = house({ a: card({ queueLimit: 0 }) });
    await enqueue(ticket('1'), ticket('2'));
    expect(news()).toEqual(['1']);
  });

  it('gives to one that has the checkpoint, and lets those pass that another can do', async () => {
    const { enqueue, take, news } = house({ a: card(), b: card({ digests: ['d'] }) });
    const wanting = ['1', '2', '3'].map(id => ticket(id, { checkpoint: 'd' }));
    await enqueue(...wanting, ticket('4'));
    expect(news()).toEqual(['1', '2', '4']);
    expect((await take(wanting[0]!)).address).toBe('b');
  });

  it('gives the next when one has ended', async () => {
    const { enqueue, take, end, news } = house({ a: card() });
    const first = ticket('1');
    await enqueue(first, ticket('2'), ticket('3'));
    expect(news()).toEqual(['1', '2']);
    await end(first, await take(first));
    expect(news()).toEqual(['3']);
  });

  it('gives one turn to all who want the same, and calls all of them', async () => {
    const { dispatcher, enqueue, end, take, news } = house({ a: card() });
    const same = ['1', '2', '3'].map(id => ticket(id, { turn: 't' }));
    await enqueue(...same, ticket('4'), ticket('5'));
    expect(news()).toEqual(['1', '2', '3', '4']);
    // Who comes later for the same is called at once.
    await enqueue(ticket('6', { turn: 't' }));
    expect(news()).toEqual(['6']);
    await end(same[0]!, await take(same[0]!));
    expect(news()).toEqual(['5']);
    expect(dispatcher.waiting).toBe(0);
  });

  it('lets a ticket that is known stay where it is', async () => {
    const { dispatcher, enqueue, news } = house({ a: card() });
    const tickets = ['1', '2', '3', '4'].map(id => ticket(id));
    await enqueue(...tickets);
    await enqueue(tickets[2]!);
    expect(dispatcher.waiting).toBe(2);
    expect(dispatcher.place('3')).toMatchObject({ position: 0 });
    news();
    // Called already, and perhaps not heard.
    await enqueue(tickets[0]!);
    expect(news()).toEqual(['1']);
    expect(dispatcher.waiting).toBe(2);
  });

  it('goes on where it was begun as long as that kind is there, and elsewhere when it is not', async () => {
    const cards = { a: card(), b: card({ processor: 'arm' }) };
    const { dispatcher, take, end } = house(cards);
    const begun = ticket('1', { kind: ofKind('arm') });
    const first = take(begun);
    await dispatcher.pump();
    expect(await first).toEqual({ address: 'b', kind: ofKind('arm') });
    await end(begun, await first, { outcome: 'FAILED' });
    cards.b.isUp = false;
    const second = take(begun);
    await pass(2_000, dispatcher);
    expect(await second).toEqual({ address: 'a', kind: ofKind('x64') });
  });

  it('goes on where it was begun, although the turn was given without that being known', async () => {
    const { dispatcher, enqueue, news } = house({ a: card({ queueLimit: 0 }), b: card({ processor: 'arm' }) });
    await enqueue(ticket('1'));
    const given = dispatcher.take(ticket('1', { kind: ofKind('arm') }));
    await dispatcher.pump();
    expect(await Promise.race([given, 'nothing'])).toMatchObject({ address: 'b' });
    // And the other one is free.
    await enqueue(ticket('2'));
    expect(news()).toEqual(['1', '2']);
    expect((await dispatcher.take(ticket('2'))) as Lease).toMatchObject({ address: 'a' });
  });

  it('waits for a backend of its kind that is busy, not for one that fails again and again', async () => {
    const { dispatcher, enqueue, take, end, news } = house({
      a: card({ queueLimit: 0 }),
      b: card({ processor: 'arm', queueLimit: 0 }),
    });
    const others = ['1', '2'].map(id => ticket(id));
    await enqueue(...others);
    const leases = await Promise.all(others.map(take));
    news();
    const begun = ticket('3', { kind: ofKind('arm') });
    const given = take(begun);
    await end(others[0]!, leases[0]!);
    expect(await Promise.race([given, 'waits'])).toBe('waits');
    await end(others[1]!, leases[1]!);
    expect((await given).address).toBe('b');
    for (let i = 0; i < 3; i++) await end(begun, { address: 'b', kind: '' }, { outcome: 'FAILED' });
    const elsewhere = take(begun);
    await dispatcher.pump();
    expect((await elsewhere).address).toBe('a');
  });
});

describe('a turn that becomes another one after it was called', () => {
  it('keeps its backend', async () => {
    const { dispatcher, enqueue, news } = house({ a: card() });
    await enqueue(ticket('1'), ticket('2'), ticket('3'));
    expect(news()).toEqual(['1', '2']);
    // Both go on from others' steps; nothing is free but what they were called for.
    for (const id of ['1', '2']) {
      const given = dispatcher.take(ticket(id, { turn: `other of ${id}` }));
      expect(await Promise.race([given, 'nothing'])).toMatchObject({ address: 'a' });
    }
    dispatcher.leave('1');
    await dispatcher.pump();
    expect(news()).toEqual(['3']);
  });

  it('gives its backend back where somebody else computes that already', async () => {
    const { dispatcher, enqueue, news } = house({ a: card() });
    await enqueue(ticket('1'), ticket('2'), ticket('3'));
    news();
    dispatcher.enqueue(ticket('1', { turn: 't' }));
    dispatcher.enqueue(ticket('2', { turn: 't' }));
    await dispatcher.pump();
    expect(news()).toContain('3');
    dispatcher.leave('1');
    expect((await dispatcher.take(ticket('2', { turn: 't' }))) as Lease).toMatchObject({ address: 'a' });
  });

  it('leaves it to those who want what it was given for', async () => {
    const { dispatcher, enqueue, take } = house({ a: card({ queueLimit: 0 }) });
    const same = ['1', '2'].map(id => ticket(id, { turn: 't' }));
    await enqueue(...same);
    dispatcher.enqueue(ticket('1', { turn: 'other' }));
    expect(dispatcher.waiting).toBe(1);
    expect(await take(same[1]!)).toMatchObject({ address: 'a' });
  });

  it('waits as what it is by now, where it was not called yet', async () => {
    const { dispatcher, enqueue, end, take, news } = house({ a: card({ queueLimit: 0 }) });
    await enqueue(ticket('1'), ticket('2'));
    await enqueue(ticket('2', { turn: 'other' }));
    expect(dispatcher.waiting).toBe(1);
    await end(ticket('1'), await take(ticket('1')));
    expect(news()).toEqual(['1', '2']);
    expect(await Promise.race([dispatcher.take(ticket('2', { turn: 'other' })), 'nothing'])).toMatchObject({
      address: 'a',
    });
  });
});

describe('taking', () => {
  it('gives at once what the turn was given, and again to who asks again', async () => {
    const { enqueue, take, news } = house({ a: card() });
    await enqueue(ticket('1'));
    const lease = { address: 'a', kind: ofKind('x64') };
    expect([await take(ticket('1')), await take(ticket('1'))]).toEqual([lease, lease]);
    expect(news()).toEqual(['1']);
  });

  it('lets who has no turn wait for one before all that has not begun', async () => {
    const { dispatcher, enqueue, take, end, news } = house({ a: card({ queueLimit: 0 }) });
    const [first, interrupted] = [ticket('1'), ticket('9')];
    await enqueue(first, ticket('2'));
    const lease = await take(first);
    const given = take(interrupted);
    await dispatcher.pump();
    await end(first, lease);
    expect((await given).address).toBe('a');
    expect(news()).toEqual(['1']);
  });

  it('answers that none came, and keeps the place', async () => {
    const { dispatcher, enqueue, take, end } = house({ a: card({ queueLimit: 0 }) });
    const [first, other] = [ticket('1'), ticket('2')];
    await enqueue(first);
    const lease = await take(first);
    const given = dispatcher.take(other);
    await pass(16_000, dispatcher);
    expect(await given).toBeNull();
    const again = take(other);
    await end(first, lease);
    expect((await again).address).toBe('a');
  });

  it('does not mix up who asked long ago with who asks now', async () => {
    const { dispatcher, enqueue, take, end } = house({ a: card({ queueLimit: 0 }) });
    const [first, other] = [ticket('1'), ticket('2')];
    await enqueue(first);
    const lease = await take(first);
    const before = dispatcher.take(other);
    await pass(10_000, dispatcher);
    const now = take(other);
    await pass(10_000, dispatcher);
    expect(await before).toBeNull();
    dispatcher.renew(first, lease, 1);
    await end(first, lease);
    expect(await Promise.race([now, 'nothing'])).toMatchObject({ address: 'a' });
  });
});

describe('leases', () => {
  it('are freed where nobody has renewed them', async () => {
    const { dispatcher, enqueue, news } = house({ a: card({ queueLimit: 0 }) });
    await enqueue(ticket('1'), ticket('2'));
    await pass(30_000, dispatcher);
    expect(news()).toEqual(['1']);
    await pass(4_000, dispatcher);
    expect(news()).toEqual(['2']);
  });

  it('last as long as they are renewed', async () => {
    const { dispatcher, enqueue, take, news } = house({ a: card({ queueLimit: 0 }) });
    await enqueue(ticket('1'), ticket('2'));
    const lease = await take(ticket('1'));
    for (let i = 0; i < 30; i++) {
      await pass(4_000, dispatcher);
      expect(dispatcher.renew(ticket('1'), lease, i)).toBe(true);
    }
    expect(news()).toEqual(['1']);
  });

  it('are not renewed of a backend that is lost, and somebody else is given the work', async () => {
    const cards = { a: card(), b: card() };
    const { dispatcher, enqueue, take, end } = house(cards);
    const of = ticket('1');
    await enqueue(of);
    const lease = await take(of);
    cards.a.isUp = false;
    await pass(14_000, dispatcher);
    expect(dispatcher.renew(of, lease, 3)).toBe(true);
    await pass(4_000, dispatcher);
    expect(dispatcher.renew(of, lease, 3)).toBe(false);
    await end(of, lease, { outcome: 'FAILED' });
    const again = take(of);
    await dispatcher.pump();
    expect((await again).address).toBe('b');
  });

  it('are known again after a restart from who renews them, and take the place that they take', async () => {
    const { dispatcher, enqueue, news } = house({ a: card() });
    const lease = { address: 'a', kind: ofKind('x64') };
    expect(dispatcher.renew(ticket('1'), lease, 5)).toBe(true);
    await enqueue(ticket('2'), ticket('3'));
    expect(news()).toEqual(['2']);
    expect(dispatcher.place('1').position).toBeNull();
  });

  it('that are known again call those who wait for the same, who else would be given another backend', async () => {
    const { dispatcher, news } = house({ a: card(), b: card() });
    dispatcher.enqueue(ticket('2', { turn: 't' }));
    dispatcher.renew(ticket('1', { turn: 't' }), { address: 'a', kind: '' }, 5);
    await dispatcher.pump();
    expect(news()).toEqual(['2']);
    expect((await dispatcher.take(ticket('2', { turn: 't' }))) as Lease).toMatchObject({ address: 'a' });
  });

  it('are where the work is, whatever was given meanwhile', async () => {
    const { dispatcher, enqueue, news } = house({ a: card({ queueLimit: 0 }), b: card({ queueLimit: 0 }) });
    await enqueue(ticket('1'));
    // It was given to a; who computes it has done so at b all the time.
    dispatcher.renew(ticket('1'), { address: 'b', kind: '' }, 5);
    await enqueue(ticket('2'), ticket('3'));
    expect(news()).toEqual(['1', '2']);
    expect((await dispatcher.take(ticket('2'))) as Lease).toMatchObject({ address: 'a' });
  });

  it('are free when the last one who wants it has left, not before', async () => {
    const { dispatcher, enqueue, news } = house({ a: card({ queueLimit: 0 }) });
    await enqueue(ticket('1', { turn: 't' }), ticket('2', { turn: 't' }), ticket('3'));
    expect(news()).toEqual(['1', '2']);
    dispatcher.leave('1');
    await dispatcher.pump();
    expect(news()).toEqual([]);
    dispatcher.leave('2');
    await dispatcher.pump();
    expect(news()).toEqual(['3']);
  });

  it('go on for those who are left, when the one leaves that they are asked for by', async () => {
    const { dispatcher, enqueue, take, end } = house({ a: card({ queueLimit: 0 }) });
    const [one, other] = [ticket('1', { turn: 't' }), ticket('2', { turn: 't' })];
    await enqueue(one, other);
    await end(one, await take(one), { outcome: 'FAILED' });
    const given = take(one);
    dispatcher.leave('1');
    await dispatcher.pump();
    expect(await Promise.race([given, 'nothing'])).toMatchObject({ address: 'a' });
  });

  it('are not waited for any longer when nobody wants them', async () => {
    const { dispatcher, enqueue, take, end, news } = house({ a: card() });
    const of = ticket('1');
    await enqueue(of);
    await end(of, await take(of), { outcome: 'FAILED' });
    const given = dispatcher.take(of);
    dispatcher.leave('1');
    expect(await given).toBeNull();
    await dispatcher.pump();
    expect([dispatcher.isIdle, news()]).toEqual([true, ['1']]);
  });

  it('leave nothing behind when all have ended', async () => {
    const { dispatcher, enqueue, take, end } = house({ a: card() });
    for (let i = 0; i < 20; i++) {
      const of = ticket(`${i}`);
      await enqueue(of);
      await end(of, await take(of));
      dispatcher.leave(of.id);
    }
    expect([dispatcher.isIdle, dispatcher.waiting]).toEqual([true, 0]);
  });
});

describe('failing', () => {
  it('leaves alone for a while a backend that fails three times in a row, and then tries it with one', async () => {
    const { dispatcher, enqueue, take, end, news } = house({ a: card({ capacity: 2 }) });
    for (const id of ['1', '2', '3']) {
      await enqueue(ticket(id));
      await end(ticket(id), await take(ticket(id)), { outcome: 'FAILED' });
      dispatcher.leave(id);
    }
    news();
    await enqueue(ticket('4'), ticket('5'));
    expect(news()).toEqual([]);
    await pass(4_000, dispatcher);
    expect(news()).toEqual(['4']);
    await end(ticket('4'), await take(ticket('4')));
    expect(news()).toEqual(['5']);
  });

  it('does not count against a backend what was given back', async () => {
    const { enqueue, take, end, news } = house({ a: card() });
    for (const id of ['1', '2', '3', '4', '5']) {
      await enqueue(ticket(id));
      await end(ticket(id), await take(ticket(id)), { outcome: 'GIVEN_BACK' });
    }
    await enqueue(ticket('6'));
    expect(news()).toContain('6');
  });

  it.each(['leaves', 'dies'])('tries a backend again when the one that was to try it %s', async how => {
    const { dispatcher, enqueue, take, end, news } = house({ a: card() });
    for (const id of ['1', '2', '3']) {
      await enqueue(ticket(id));
      await end(ticket(id), await take(ticket(id)), { outcome: 'FAILED' });
    }
    await enqueue(ticket('4'), ticket('5'));
    await pass(4_000, dispatcher);
    expect(news()).toEqual(['1', '2', '3', '4']);
    if (how === 'leaves') dispatcher.leave('4');
    await pass(how === 'leaves' ? 2_000 : 34_000, dispatcher);
    expect(news()).toEqual(['5']);
  });

  it('gives up what no backend has, at once where all of them are there', async () => {
    const { called, enqueue } = house({ a: card(), b: card() });
    await enqueue(ticket('1', { checkpoint: 'x' }), ticket('2'));
    expect(called).toEqual([
      ['2', null],
      ['1', 'No GPU backend has this checkpoint any more'],
    ]);
  });

  it('waits for a backend that does not answer, for as long as it has patience', async () => {
    const { dispatcher, called, enqueue } = house({ a: card(), b: card({ isUp: false }) });
    await enqueue(ticket('1', { checkpoint: 'x' }));
    await pass(patienceMs - 2_000, dispatcher);
    expect(called).toEqual([]);
    await pass(4_000, dispatcher);
    expect(called).toEqual([['1', 'No GPU backend answers']]);
    expect(dispatcher.isIdle).toBe(true);
  });

  it('has its whole patience again after the backend was there', async () => {
    const cards = { a: card({ isUp: false }) };
    const { dispatcher, called, enqueue, take, end } = house(cards);
    await enqueue(ticket('1'));
    await pass(patienceMs / 2, dispatcher);
    cards.a.isUp = true;
    await pass(2_000, dispatcher);
    await end(ticket('1'), await take(ticket('1')));
    await pass(patienceMs, dispatcher);
    cards.a.isUp = false;
    await enqueue(ticket('2'));
    await pass(patienceMs / 2, dispatcher);
    expect(called).toEqual([['1', null]]);
  });

  it('tells who computes that no backend will come, and through it all who wait', async () => {
    const cards = { a: card() };
    const { dispatcher, called, enqueue, take, end } = house(cards);
    const same = ['1', '2'].map(id => ticket(id, { turn: 't' }));
    await enqueue(...same);
    await end(same[0]!, await take(same[0]!), { outcome: 'FAILED' });
    cards.a.digests = [];
    const given = dispatcher.take(same[0]!);
    await pass(4_000, dispatcher);
    expect(await given).toMatchObject({ code: 'BACKEND_UNAVAILABLE', retryable: true });
    expect(called).toEqual([
      ['1', null],
      ['2', null],
    ]);
  });
});

describe('places', () => {
  it('count the turns before it, and their time on all backends, once it is known', async () => {
    const { dispatcher, pace, enqueue } = house({ a: card({ queueLimit: 0 }), b: card({ queueLimit: 0 }) });
    const same = [ticket('5', { turn: 't' }), ticket('6', { turn: 't' })];
    await enqueue(...['1', '2', '3', '4'].map(id => ticket(id)), ...same, ticket('7'));
    expect(dispatcher.place('4')).toEqual({ position: 1, etaMs: null });
    pace.learn('p', { ms: 1_200, steps: 20, stepMs: 1_000 });
    // Two run and one waits before it: 3 × 1.2 s on two backends, then its own.
    expect(dispatcher.place('4')).toEqual({ position: 1, etaMs: 3_000 });
    // What is wanted twice is computed once.
    expect(dispatcher.place('7')).toMatchObject({ position: 3 });
    expect(dispatcher.place('1')).toEqual({ position: null, etaMs: 1_200 });
    expect(dispatcher.place('unknown')).toEqual({ position: null, etaMs: null });
  });

  it('count down by the steps that are told', async () => {
    const { dispatcher, pace, enqueue, take } = house({ a: card() });
    await enqueue(ticket('1'));
    pace.learn('p', { ms: 1_200, steps: 20, stepMs: 1_000 });
    dispatcher.renew(ticket('1'), await take(ticket('1')), 10);
    expect(dispatcher.place('1').etaMs).toBe(700);
  });

  it('say when there is likely room', async () => {
    const { dispatcher, pace, enqueue } = house({ a: card() });
    expect(dispatcher.roomAfterMs).toBe(1_000);
    await enqueue(...['1', '2', '3'].map(id => ticket(id)));
    pace.learn('p', { ms: 7_000, steps: 20, stepMs: 6_000 });
    expect(dispatcher.roomAfterMs).toBe(7_000);
    pace.learn('p', { ms: 7e8, steps: 20, stepMs: 6e8 });
    expect(dispatcher.roomAfterMs).toBe(60_000);
  });

  it.each([1, 2, 3])(
    'tell half of a queue of 100 its end within three tenths, after the first 20 (seed %i)',
    async seed => {
      const random = seeded(seed);
      const { dispatcher, enqueue, take, end, news } = house({ a: card({ capacity: 2 }), b: card() });
      const tickets = Array.from({ length: 100 }, (_, i) => {
        const isLarge = random() < 0.3;
        return ticket(String(i).padStart(3, '0'), {
          steps: isLarge ? 40 : 20,
          paceClass: isLarge ? 'large' : 'small',
          caller: 'abc'[i % 3]!,
        });
      });
      const byId = new Map(tickets.map(each => [each.id, each]));
      await enqueue(...tickets);
      /** What runs or waits at each backend, in its order, and when what runs is done. */
      const at: Record<string, { of: Ticket; lease: Lease; doneAt: number; stepMs: number }[]> = { a: [], b: [] };
      const capacity: Record<string, number> = { a: 2, b: 1 };
      const asked: { id: string; endsAt: number; since: number }[] = [];
      const endedAt = new Map<string, number>();
      const begin = (address: string) => {
        for (const job of at[address]!.slice(0, capacity[address])) {
          if (job.doneAt < Number.POSITIVE_INFINITY) continue;
          const noise = 1 + 0.2 * (2 * random() - 1);
          job.stepMs = job.of.steps * (job.of.paceClass === 'large' ? 100 : 40) * noise;
          job.doneAt = Date.now() + job.stepMs + 150;
        }
      };
      while (endedAt.size < 100) {
        for (const id of news()) {
          const lease = await take(byId.get(id)!);
          at[lease.address]!.push({ of: byId.get(id)!, lease, doneAt: Number.POSITIVE_INFINITY, stepMs: 0 });
        }
        Object.keys(at).forEach(begin);
        const running = Object.values(at).flat();
        const next = running.reduce((one, other) => (other.doneAt < one.doneAt ? other : one));
        await vi.advanceTimersByTimeAsync(next.doneAt - Date.now());
        for (const { of, lease } of running) dispatcher.renew(of, lease, 0);
        at[next.lease.address] = at[next.lease.address]!.filter(job => job !== next);
        endedAt.set(next.of.id, Date.now());
        await end(next.of, next.lease, { steps: next.of.steps, stepMs: next.stepMs });
        dispatcher.leave(next.of.id);
        if (endedAt.size < 20) continue;
        // Everybody asks now, whether it waits or runs.
        for (const { id } of tickets) {
          const { etaMs } = dispatcher.place(id);
          if (!endedAt.has(id) && etaMs !== null) asked.push({ id, endsAt: Date.now() + etaMs, since: Date.now() });
        }
      }
      const errors = asked.map(
        ({ id, endsAt, since }) => Math.abs(endsAt - endedAt.get(id)!) / (endedAt.get(id)! - since),
      );
      errors.sort((one, other) => one - other);
      expect(errors.length).toBeGreaterThan(1_000);
      expect(errors[Math.floor(errors.length / 2)]).toBeLessThanOrEqual(0.3);
    },
  );
});
