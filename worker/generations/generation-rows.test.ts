import { describe, expect, it } from 'vitest';
import type { GenerationState } from '../../schema/context.ts';
import { memoryD1 } from '../../test/edge/in-memory.ts';
import { ticket } from '../../test/edge/ticket.ts';
import { GenerationRows } from './generation-rows.ts';
import { type IdempotencyKey, idempotencyKey } from './idempotency.ts';
import type { Job } from './job.ts';
import { failed, queued, succeeded, withStatus } from './progress.ts';

const job = { parameters: { steps: 1, count: 1 } } as Job;
const day = 24 * 60 * 60_000;
const now = new Date('2026-03-01T00:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms).toISOString();
const generation = (id: string, createdAt = later(0)): GenerationState => queued(id, job, createdAt);
const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const using = (idempotency: IdempotencyKey) => ({ ...alone, idempotency });

const rows = async () => new GenerationRows(await memoryD1());

describe('rows', () => {
  it('keep the end against what comes late', async () => {
    const all = await rows();
    const state = generation('a');
    await all.admit(state, alone);
    await all.save(succeeded(state, 'then'));
    await all.save(failed(state, { code: 'INTERNAL', message: '', stage: null, retryable: false }, 'later'));
    expect(await all.find('a')).toMatchObject({ status: 'SUCCEEDED', finishedAt: 'then' });
  });

  it('tell what waits and has not begun, in the order of acceptance', async () => {
    const all = await rows();
    for (const id of ['2', '1', '3']) await all.admit(generation(id), { ...alone, work: id, ticket: ticket(id) });
    await all.admit(generation('4'), alone);
    await all.save(withStatus(generation('1'), 'DENOISING'));
    expect(await all.waiting()).toEqual([ticket('2'), ticket('3')]);
  });

  it('note deliveries with the end', async () => {
    const all = await rows();
    const attempts = [{ at: 'now', status: 200, error: null }];
    await all.admit(generation('a'), alone);
    await all.save(succeeded(generation('a'), 'then'));
    await all.noteDeliveries('a', attempts);
    expect(await all.find('a')).toEqual({ ...succeeded(generation('a'), 'then'), webhookAttempts: attempts });
  });
});

describe('idempotency keys', () => {
  it('are remembered with the generation that they were used for, and with its input', async () => {
    const all = await rows();
    const key = await idempotencyKey('me', { key: 'k', input: 'one' });
    expect(await all.usedFor(key, later(0))).toBeNull();
    await all.admit(generation('a'), using(key));
    expect(await all.usedFor(key, later(1))).toEqual({ id: 'a', inputDigest: key.inputDigest });
    expect((await idempotencyKey('me', { key: 'k', input: 'two' })).inputDigest).not.toBe(key.inputDigest);
  });

  it('are used once, and what comes second is not there at all', async () => {
    const all = await rows();
    const key = await idempotencyKey('me', { key: 'k', input: 'one' });
    const admitted = await Promise.all(['a', 'b'].map(id => all.admit(generation(id), using(key))));
    expect(admitted).toEqual(['ADMITTED', 'USED']);
    expect(await all.findMany(['a', 'b'])).toHaveLength(1);
  });

  it('are not used by what finds no room', async () => {
    const all = await rows();
    const key = await idempotencyKey('me', { key: 'k', input: 'one' });
    expect(await all.admit(generation('a'), { ...using(key), places: 0, work: 'w' })).toBe('FULL');
    expect(await all.usedFor(key, later(0))).toBeNull();
  });

  it('belong to their callers', async () => {
    const all = await rows();
    const mine = await idempotencyKey('me', { key: 'k', input: 'one' });
    const yours = { ...mine, caller: 'you' };
    expect(await all.admit(generation('a'), using(mine))).toBe('ADMITTED');
    expect(await all.usedFor(yours, later(0))).toBeNull();
    expect(await all.admit(generation('b'), using(yours))).toBe('ADMITTED');
    expect(await all.usedFor(yours, later(0))).toMatchObject({ id: 'b' });
  });

  it('are forgotten after a day, whether somebody has cleaned up or not', async () => {
    const all = await rows();
    const key = await idempotencyKey('me', { key: 'k', input: 'one' });
    await all.admit(generation('a'), using(key));
    expect(await all.usedFor(key, later(day))).toMatchObject({ id: 'a' });
    expect(await all.admit(generation('b', later(day)), using(key))).toBe('USED');
    expect(await all.usedFor(key, later(day + 1))).toBeNull();
    expect(await all.admit(generation('c', later(day + 1)), using(key))).toBe('ADMITTED');
    expect(await all.usedFor(key, later(day + 2))).toMatchObject({ id: 'c' });
    expect(await all.forgetKeys(later(2 * day + 1))).toBe(0);
    expect(await all.forgetKeys(later(2 * day + 2))).toBe(1);
  });
});
