import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContactSheetRequest } from '../../schema/contact-sheet-service.ts';
import { type GenerationRequest, type GenerationState, RetryLater } from '../../schema/context.ts';
import { memoryD1 } from '../../test/edge/in-memory.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import type { IdempotencyKey } from '../generations/idempotency.ts';
import { ContactSheetRows, type NewSheet } from './contact-sheet-rows.ts';
import { DurableContactSheets } from './contact-sheet-service.ts';
import { cell, idOf } from './testing/cells.ts';

const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const pixels = { data: new Uint8Array(3), width: 1, height: 1 };
const cellRequest = {
  card: { digest: 'c', scheduler: {} },
  parameters: { scheduler: 'DDIM' },
  report: {},
  startContent: { kind: 'PIXELS', pixels, digest: 'd' },
} as unknown as GenerationRequest;
const request: ContactSheetRequest = {
  x: { parameter: 'STEPS', labels: ['1', '2', '3'] },
  y: { parameter: 'SEED', labels: ['1', '2', '3'] },
  cells: Array.from({ length: 9 }, () => cellRequest),
  idempotency: null,
};
const withKey = (key: string, input: string): ContactSheetRequest => ({ ...request, idempotency: { key, input } });

/**
 * Of generations that are made as their requests come.
 * @param refuse makes the one with a number fail
 * @param answered what goes wrong once the sheet's object has accepted it
 */
async function house(refuse: (made: number) => void = () => {}, answered: () => void = () => {}) {
  const db = await memoryD1();
  const rows = new ContactSheetRows(db);
  const made = new GenerationRows(db);
  const given: { id?: string; startPixels?: string | null }[] = [];
  const asked: string[] = [];
  const begun = new Map<string, NewSheet>();
  const sheets = new DurableContactSheets({
    objects: {
      getByName: (name: string) => ({
        async begin(sheet: NewSheet) {
          asked.push('begin');
          begun.set(name, sheet);
        },
        async accept(key: IdempotencyKey | null) {
          asked.push('accept');
          const admitted = await rows.admit(begun.get(name)!, key);
          answered();
          return admitted;
        },
        async remove(_: string, cells: readonly string[]) {
          asked.push(`remove ${cells.length}`);
          if (!begun.has(name)) throw new Error('overloaded');
          await db.prepare('DELETE FROM contact_sheets WHERE id = ?').bind(name).run();
          await db
            .prepare('DELETE FROM generations WHERE id IN (SELECT value FROM json_each(?))')
            .bind(JSON.stringify(cells))
            .run();
        },
        async cancel() {
          asked.push('cancel');
        },
        async wait(milliseconds: number) {
          asked.push(`wait ${milliseconds}`);
          throw new Error('restarted');
        },
      }),
    },
    rows,
    keys: made,
    generations: {
      async create(_, how = {}) {
        given.push(how);
        refuse(given.length);
        const state = cell(0, 'QUEUED', { id: how.id! });
        await made.admit(state, alone);
        return { state, replayed: false };
      },
      findMany: async ids =>
        new Map((await made.findMany(ids)).map(state => [state.id, state] as [string, GenerationState])),
    },
    starts: {
      async save(_, digest) {
        asked.push(`save ${digest}`);
        return `starts/${digest}`;
      },
    },
  });
  return { sheets, rows, made, given, asked, begun };
}

let error: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  error = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  error.mockRestore();
});

describe('creating', () => {
  it('makes all of its generations, in the order of their ids, and is told once they are there', async () => {
    const { sheets, rows, given, asked } = await house();
    const state = await sheets.create(request);
    expect(state).toMatchObject({ status: 'QUEUED', steps: 90, image: null, finishedAt: null });
    expect(state.cells.map(row => row.length)).toEqual([3, 3, 3]);
    const ids = state.cells.flat().map(({ id }) => id);
    expect(given.map(({ id }) => id)).toEqual(ids);
    expect(ids).toEqual(ids.toSorted());
    expect(await rows.find(state.id)).toMatchObject({ axes: { x: request.x, y: request.y }, cells: ids });
    // What they start from is stored once for all.
    expect(asked).toEqual(['begin', 'save d', 'accept']);
    expect(new Set(given.map(({ startPixels }) => startPixels))).toEqual(new Set(['starts/d']));
  });

  it('leaves nothing where there is no room for one of them', async () => {
    const { sheets, made, given, asked } = await house(number => {
      if (number === 8) throw new RetryLater('QUEUE_FULL', 'full', 1_000);
    });
    await expect(sheets.create(request)).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: 1_000 });
    expect(given).toHaveLength(9);
    expect(asked).toEqual(['begin', 'save d', 'remove 9']);
    expect(await made.count(null)).toBe(0);
  });

  it('says why, even where what was made cannot be removed now', async () => {
    const { sheets, begun } = await house(() => {
      begun.clear();
      throw new RetryLater('QUEUE_FULL', 'full', 1_000);
    });
    await expect(sheets.create(request)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(error).toHaveBeenCalled();
  });

  it('has made the sheet where only the word of that is lost', async () => {
    const { sheets, rows, asked, made } = await house(
      () => {},
      () => {
        throw new Error('connection lost');
      },
    );
    const state = await sheets.create(withKey('k', 'one'));
    expect(state.status).toBe('QUEUED');
    expect(await rows.find(state.id)).not.toBeNull();
    expect(await made.count(null)).toBe(9);
    expect(asked.filter(each => each.startsWith('remove'))).toEqual([]);
    expect(error).toHaveBeenCalled();
    expect(await sheets.create(withKey('k', 'one'))).toEqual(state);
  });

  it('fails where one was deleted before the last was there', async () => {
    const { sheets, made } = await house();
    const find = made.findMany.bind(made);
    made.findMany = async ids => (await find(ids)).slice(1);
    await expect(sheets.create(request)).rejects.toThrow('was deleted before all of them were there');
    expect(await made.count(null)).toBe(0);
  });
});

describe('an idempotency key', () => {
  it('answers with the sheet that it was used for, and makes nothing', async () => {
    const { sheets, given } = await house();
    const first = await sheets.create(withKey('k', 'one'));
    expect(await sheets.create(withKey('k', 'one'))).toEqual(first);
    expect(given).toHaveLength(9);
    await expect(sheets.create(withKey('k', 'two'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect((await sheets.create(withKey('l', 'one'))).id).not.toBe(first.id);
  });

  it('makes one of two that come together, and leaves nothing of the other', async () => {
    const { sheets, made } = await house();
    const [one, other] = await Promise.all([sheets.create(withKey('k', 'i')), sheets.create(withKey('k', 'i'))]);
    expect(other).toEqual(one);
    expect(await made.count(null)).toBe(9);
  });

  it('has nothing to do with a generation’s of the same name', async () => {
    const { sheets, made } = await house();
    const key = { caller: 'local', key: 'k', inputDigest: 'other' };
    await made.admit(cell(1, 'QUEUED', { createdAt: new Date().toISOString() }), { ...alone, idempotency: key });
    expect((await sheets.create(withKey('k', 'one'))).status).toBe('QUEUED');
    expect(await made.usedFor(key, new Date().toISOString())).toMatchObject({ id: idOf(1) });
  });

  it('is free again where the sheet was removed because nobody could say whether it was accepted', async () => {
    let isLost = true;
    const { sheets, made, rows } = await house(
      () => {},
      () => {
        if (!isLost) return;
        isLost = false;
        vi.spyOn(rows, 'find').mockRejectedValueOnce(new Error('D1 is overloaded'));
        throw new Error('connection lost');
      },
    );
    await expect(sheets.create(withKey('k', 'one'))).rejects.toThrow('connection lost');
    expect(await made.count(null)).toBe(0);
    expect(await sheets.create(withKey('k', 'one'))).toMatchObject({ status: 'QUEUED' });
    expect(await made.count(null)).toBe(9);
  });

  it('of a sheet that was deleted is told so', async () => {
    const { sheets } = await house();
    const { id } = await sheets.create(withKey('k', 'one'));
    await sheets.delete(id);
    await expect(sheets.create(withKey('k', 'one'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a sheet', () => {
  it.each(['', 'x', idOf(1)])('is not found by %j', async id => {
    const { sheets, asked } = await house();
    expect(await sheets.find(id)).toBeNull();
    expect(await sheets.cancel(id)).toBeNull();
    expect(await sheets.wait(id, 1)).toBeNull();
    expect(await sheets.delete(id)).toBe(false);
    expect(asked).toEqual([]);
  });

  it('that has ended is neither stopped nor waited for', async () => {
    const { sheets, rows, asked } = await house();
    const { id } = await sheets.create(request);
    await rows.finish(id, { status: 'SUCCEEDED', failure: null, finishedAt: 'then', picture: null });
    asked.length = 0;
    expect(await sheets.cancel(id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await sheets.wait(id, 1_000)).toMatchObject({ status: 'SUCCEEDED', finishedAt: 'then' });
    expect(asked).toEqual([]);
  });

  it('is answered with as it is where its object was restarted meanwhile', async () => {
    const { sheets, asked } = await house();
    const { id } = await sheets.create(request);
    expect(await sheets.wait(id, 1_000)).toMatchObject({ id, status: 'QUEUED' });
    expect(asked.at(-1)).toBe('wait 1000');
    expect(error).toHaveBeenCalled();
  });

  it('is none where a generation of it is gone', async () => {
    const { sheets, made } = await house();
    const { id } = await sheets.create(request);
    const find = made.findMany.bind(made);
    made.findMany = async ids => (await find(ids)).slice(1);
    expect(await sheets.find(id)).toBeNull();
  });
});
