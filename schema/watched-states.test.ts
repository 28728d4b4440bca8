import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RetryLater } from './context.ts';
import { allOf } from './testing/all-of.ts';
import { memoryServices } from './testing/services.ts';
import { watchedStates } from './watched-states.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What who reads on at once is told of a generation that has just begun, and after how many milliseconds. */
function watching(id: string | null = 'g1') {
  const services = memoryServices();
  const { generations } = services;
  generations.add('QUEUED', 0);
  const faults: unknown[] = [];
  const states = watchedStates(id, { services, reportFault: fault => faults.push(fault) });
  const from = Date.now();
  const told: [milliseconds: number, what: unknown][] = [];
  const tell = (what: unknown) => told.push([Date.now() - from, what]);
  const follow = async () => {
    for await (const state of states) tell(state && `${state.status} ${state.step}`);
  };
  void follow().then(() => tell('the end'), tell);
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
  return { services, generations, states, faults, told, pass };
}

test('a generation is told of at once, after every change, and at its end', async () => {
  const { generations, told, pass } = watching();
  await pass(1_000);
  generations.change('g1', { status: 'DENOISING', step: 1 });
  await pass(300);
  generations.change('g1', { step: 2 });
  await pass(300);
  generations.change('g1', { status: 'SUCCEEDED', step: 20 });
  await pass(100_000);
  expect(told).toEqual([
    [0, 'QUEUED 0'],
    [1_000, 'DENOISING 1'],
    [1_300, 'DENOISING 2'],
    [1_600, 'SUCCEEDED 20'],
    [1_600, 'the end'],
  ]);
});

test('at most five states a second are told, always the newest', async () => {
  const { generations, told, pass } = watching();
  for (let step = 1; step <= 50; step++) {
    await pass(20);
    generations.change('g1', { status: 'DENOISING', step });
  }
  generations.change('g1', { status: 'SUCCEEDED' });
  await pass(10_000);
  expect(told).toEqual([
    [0, 'QUEUED 0'],
    [200, 'DENOISING 9'],
    [400, 'DENOISING 19'],
    [600, 'DENOISING 29'],
    [800, 'DENOISING 39'],
    [1_000, 'DENOISING 49'],
    [1_200, 'SUCCEEDED 50'],
    [1_200, 'the end'],
  ]);
});

test('who reads slowly is told the newest, without waiting', async () => {
  const services = memoryServices();
  const { generations } = services;
  generations.add('QUEUED', 0);
  const states = watchedStates('g1', { services, reportFault: () => undefined });
  expect((await states.next()).value?.step).toBe(0);
  for (const step of [1, 2, 3]) generations.change('g1', { step });
  await vi.advanceTimersByTimeAsync(5_000);
  const { value } = await states.next();
  expect(value?.step).toBe(3);
  await states.return!();
});

test.each(['SUCCEEDED', 'FAILED', 'CANCELLED'] as const)(
  'of one that is %s there is nothing to wait for',
  async end => {
    const services = memoryServices();
    services.generations.add(end);
    const states = await allOf(watchedStates('g1', { services, reportFault: () => undefined }));
    expect(states.map(state => state?.status)).toEqual([end]);
    expect(services.asked).toEqual(['watch g1 after 0']);
  },
);

test('where nothing happens nothing is told, and asking goes on', async () => {
  const { services, generations, told, pass } = watching();
  await pass(35_000);
  expect(told).toEqual([[0, 'QUEUED 0']]);
  // As often as the service answers, not more.
  expect(services.asked).toHaveLength(5);
  generations.change('g1', { status: 'FAILED' });
  await pass(0);
  expect(told.slice(1)).toEqual([
    [35_000, 'FAILED 0'],
    [35_000, 'the end'],
  ]);
});

test.each(['g2', null])('of one that there is not (%s), null is all', async id => {
  const { told, pass } = watching(id);
  await pass(0);
  expect(told).toEqual([
    [0, null],
    [0, 'the end'],
  ]);
});

test('one that is deleted meanwhile ends with null', async () => {
  const { generations, told, pass } = watching();
  await pass(500);
  await generations.delete('g1');
  await pass(0);
  expect(told).toEqual([
    [0, 'QUEUED 0'],
    [500, null],
    [500, 'the end'],
  ]);
});

test('an error now and then ends nothing', async () => {
  const { generations, faults, told, pass } = watching();
  await pass(1_000);
  const { watch } = generations;
  let calls = 0;
  generations.watch = (id, seen) =>
    calls++ % 2 === 0 ? Promise.reject(new Error('restarted')) : watch.call(generations, id, seen);
  for (let step = 1; step <= 8; step++) {
    generations.change('g1', { status: 'DENOISING', step });
    await pass(1_000);
  }
  generations.change('g1', { status: 'SUCCEEDED' });
  await pass(1_000);
  expect(told.map(([, what]) => what)).toEqual([
    'QUEUED 0',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map(step => `DENOISING ${step}`),
    'SUCCEEDED 8',
    'the end',
  ]);
  // More than would have ended it, had they come one after the other; all are logged.
  expect(faults.length).toBeGreaterThan(4);
});

test('errors without end are passed on after a while', async () => {
  const { generations, faults, told, pass } = watching();
  const fault = new RetryLater('BACKEND_UNAVAILABLE', 'Not now', 1_000);
  let calls = 0;
  generations.watch = () => {
    calls++;
    return Promise.reject(fault);
  };
  await pass(60_000);
  expect(told).toEqual([
    [0, 'QUEUED 0'],
    [200 + 3_750, fault],
  ]);
  expect(calls).toBe(5);
  expect(faults).toEqual([fault, fault, fault, fault]);
});

test.each([
  [0, 'while nothing has happened yet'],
  [5_000, 'while it waits for a change'],
])('who leaves after %i ms, %s, is let go at once, and nobody is asked any more', async milliseconds => {
  const { services, generations, states, told, pass } = watching();
  await pass(milliseconds);
  const asked = services.asked.length;
  let isGone = false;
  void states.return!().then(() => {
    isGone = true;
  });
  await pass(0);
  expect(isGone).toBe(true);
  generations.change('g1', { step: 5 });
  await pass(60_000);
  expect(services.asked).toHaveLength(asked);
  expect(told).toEqual([
    [0, 'QUEUED 0'],
    [milliseconds, 'the end'],
  ]);
});

test('who leaves before anything was asked is let go, too', async () => {
  const services = memoryServices();
  const states = watchedStates('g1', { services, reportFault: () => undefined });
  await states.return!();
  expect(await states.next()).toEqual({ done: true, value: undefined });
  expect(services.asked).toEqual([]);
});
