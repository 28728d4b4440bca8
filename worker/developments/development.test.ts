import { expect, it, vi } from 'vitest';
import type { Made } from './develop-image.ts';
import { Development } from './development.ts';
import type { Report } from './report.ts';

const before = { step: 0, steps: 4 } as Report;
const made = { score: null } as Made;

/** One whose work ends when it is told to. */
function open() {
  const work = Promise.withResolvers<Made>();
  const stopped = vi.fn();
  let tell: (report: Report) => void = () => {};
  const development = new Development(
    before,
    (signal, to) => {
      tell = to;
      signal.addEventListener('abort', () => {
        stopped();
        work.reject(signal.reason);
      });
      return work.promise;
    },
    error => ({ code: 'INTERNAL', message: String(error), stage: null, retryable: false }),
  );
  return { development, work, stopped, step: (step: number) => tell({ ...before, step }) };
}

it('tells everybody the newest, and the end', async () => {
  const { development, work, step } = open();
  const [one, other] = [development.watch('one', 0), development.watch('other', 0)];
  step(1);
  step(2);
  const seen = await one;
  expect([seen, await other]).toMatchObject([
    { report: { step: 2 }, isFirst: true, outcome: null },
    { report: { step: 2 }, isFirst: false, outcome: null },
  ]);
  const end = development.watch('one', seen.version);
  work.resolve(made);
  expect((await end).outcome).toEqual({ kind: 'made', made });
  expect(development.isOpen).toBe(false);
  expect(await development.watch('late', 0)).toMatchObject({ outcome: { made } });
});

it('survives its first waiter, and stops with its last', async () => {
  const { development, stopped, step } = open();
  const other = Promise.all([development.watch('first', 0), development.watch('other', 0)]).then(([, it]) => it);
  step(1);
  const { version } = await other;
  development.leave('first');
  expect(stopped).not.toHaveBeenCalled();
  expect((await development.watch('other', version)).isFirst).toBe(true);
  development.leave('other');
  expect(stopped).toHaveBeenCalledOnce();
  await development.ended;
  expect([development.isAbandoned, development.isOpen]).toEqual([true, false]);
});

it('tells everybody of the same failure', async () => {
  const { development, work } = open();
  const all = Promise.all(['one', 'other'].map(waiter => development.watch(waiter, 0)));
  work.reject(new Error('out of memory'));
  for (const { outcome } of await all) expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'INTERNAL' } });
});

it('takes who has not asked for long for gone', async () => {
  vi.useFakeTimers();
  const { development, stopped } = open();
  void development.watch('dead', 0);
  for (let i = 0; i < 5; i++) {
    void development.watch('alive', 0);
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect([development.has('dead'), development.has('alive')]).toEqual([false, true]);
  expect(stopped).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stopped).toHaveBeenCalledOnce();
  expect(development.has('alive')).toBe(false);
  vi.useRealTimers();
});
