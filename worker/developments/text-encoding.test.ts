import { expect, it, vi } from 'vitest';
import { RetryLater } from '../../schema/context.ts';
import { TextEncoding } from './text-encoding.ts';

const vectors = { prompt: Float32Array.of(1), embedding: null };

it('is made once for all who ask at the same time, and anew for who asks later', async () => {
  const encoding = new TextEncoding();
  const make = vi.fn(async () => vectors);
  expect(await Promise.all(Array.from({ length: 50 }, () => encoding.join(make)))).toEqual(Array(50).fill(vectors));
  expect(make).toHaveBeenCalledOnce();
  await encoding.join(make);
  expect(make).toHaveBeenCalledTimes(2);
});

it('is nothing where all backends are busy, and fails where one cannot', async () => {
  const encoding = new TextEncoding();
  expect(await encoding.join(() => Promise.reject(new RetryLater('QUEUE_FULL', 'all are busy', 1)))).toBeNull();
  await expect(encoding.join(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await encoding.join(async () => vectors)).toEqual(vectors);
});
