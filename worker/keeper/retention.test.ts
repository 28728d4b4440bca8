import { expect, it } from 'vitest';
import { memoryD1 } from '../../test/edge/in-memory.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import type { Job } from '../generations/job.ts';
import { queued, succeeded } from '../generations/progress.ts';
import { forgetOld } from './retention.ts';

const day = 24 * 60 * 60_000;
const job = { parameters: { steps: 1, count: 1 } } as Job;
const admission = { places: 9, ticket: null, startBlob: '', idempotency: null };

it('deletes what ended too long ago, object and row, and nothing else', async () => {
  const rows = new GenerationRows(await memoryD1());
  const now = new Date('2026-03-01T00:00:00.000Z');
  const before = (days: number) => new Date(now.getTime() - days * day).toISOString();
  for (const [id, created, ended] of [
    ['a', before(40), before(31)],
    ['b', before(40), before(29)],
    ['c', before(40), null],
  ] as const) {
    const state = queued(id, job, created);
    await rows.admit(state, { ...admission, work: id });
    if (ended) await rows.save(succeeded(state, ended));
  }
  const deleted: string[] = [];
  const options = {
    rows,
    objects: {
      getByName: (id: string) => ({
        async delete() {
          deleted.push(id);
          return null;
        },
      }),
    },
    deletion: { generation: async (id: string) => deleted.push(id) > 0 },
  };
  expect(await forgetOld({ ...options, retentionMs: null }, now, 10)).toBe(0);
  expect(await forgetOld({ ...options, retentionMs: 30 * day }, now, 10)).toBe(1);
  expect(deleted).toEqual(['a', 'a']);
});
