import { expect, it } from 'vitest';
import { ConnectionError, RequestError, RetryLaterError } from './errors.ts';
import { follow, type Job } from './following.ts';
import { pause } from './pause.ts';

const { signal } = new AbortController();
const quick = { patienceMs: 2000, signal, pollMs: 5, firstEventMs: 50 };
const job = (status: Job['status']): Job => ({ id: 'j', status });
const all = async (snapshots: AsyncIterable<Job>) => {
  const statuses: string[] = [];
  for await (const { status } of snapshots) statuses.push(status);
  return statuses;
};

it('asks now and then where streams are held back on their way, and opens no more of them', async () => {
  let streams = 0;
  let asked = 0;
  const statuses = await all(
    follow(
      {
        async *stream(signal) {
          streams++;
          await pause(10_000, signal);
          yield job('DENOISING');
        },
        fetch: async () => job(++asked < 5 ? 'DENOISING' : 'SUCCEEDED'),
      },
      quick,
    ),
  );
  expect(statuses).toEqual(['DENOISING', 'DENOISING', 'DENOISING', 'DENOISING', 'SUCCEEDED']);
  expect(streams).toBe(2);
});

it('does not lose its patience over a server that has nothing to say', async () => {
  let streams = 0;
  const told = follow(
    {
      async *stream(signal) {
        yield job('QUEUED');
        if (++streams === 1) {
          await pause(400, signal);
          throw new ConnectionError('cut');
        }
        yield job('SUCCEEDED');
      },
      fetch: async () => job('DENOISING'),
    },
    { ...quick, patienceMs: 350 },
  );
  expect(await all(told)).toEqual(['QUEUED', 'DENOISING', 'QUEUED', 'SUCCEEDED']);
});

it('opens streams again after a server was away for longer', async () => {
  let tries = 0;
  const told = follow(
    {
      async *stream() {
        if (++tries <= 3) throw new ConnectionError('away');
        yield job('DENOISING');
        yield job('SUCCEEDED');
      },
      fetch: () => Promise.reject(new ConnectionError('away')),
    },
    { ...quick, patienceMs: 5000 },
  );
  expect(await all(told)).toEqual(['DENOISING', 'SUCCEEDED']);
});

it('asks only, of what has no stream', async () => {
  const statuses: Job['status'][] = ['QUEUED', 'DENOISING', 'FAILED'];
  const told = follow({ stream: null, fetch: async () => job(statuses.shift()!) }, quick);
  expect(await all(told)).toEqual(['QUEUED', 'DENOISING', 'FAILED']);
});

it('comes back as late as it is told to, and to a server that is away for a while', async () => {
  const answers: (Error | Job)[] = [
    new ConnectionError('away'),
    new RetryLaterError('RATE_LIMITED', 'later', 20),
    new ConnectionError('away'),
    job('SUCCEEDED'),
  ];
  const fetch = async () => {
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  expect(await all(follow({ stream: null, fetch }, quick))).toEqual(['SUCCEEDED']);
});

it('counts patience anew whenever it hears of the server', async () => {
  let asked = 0;
  const fetch = async () => {
    if (++asked > 12) return job('SUCCEEDED');
    if (asked % 2 === 0) throw new ConnectionError('away');
    return job('DENOISING');
  };
  // Every other time away, for a quarter of a second: 1.5 s in all, never more than half a second at once.
  const statuses = await all(follow({ stream: null, fetch }, { ...quick, patienceMs: 500 }));
  expect(statuses.at(-1)).toBe('SUCCEEDED');
});

it.each([
  ['away for longer than patience lasts', new ConnectionError('away')],
  ['that refuses', new RequestError('FORBIDDEN', 'no')],
])('gives up on a server %s', async (_, error) => {
  const fetch = () => Promise.reject(error);
  await expect(all(follow({ stream: null, fetch }, { ...quick, patienceMs: 300 }))).rejects.toBe(error);
});

it('ends with the reason of its signal, also between two questions', async () => {
  const controller = new AbortController();
  const told = follow(
    { stream: null, fetch: async () => job('QUEUED') },
    { ...quick, signal: controller.signal, pollMs: 60_000 },
  );
  await told.next();
  const next = told.next();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
});
