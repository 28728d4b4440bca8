import { describe, expect, it } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { Deletion } from '../deletion/deletion.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import { idempotencyKey } from '../generations/idempotency.ts';
import { sweep } from '../keeper/sweep.ts';
import { ContactSheetRows, type NewSheet, type SheetEnd } from './contact-sheet-rows.ts';
import { SheetFiles } from './sheet-files.ts';
import { cell, idOf } from './testing/cells.ts';

const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const axes = { x: { parameter: 'STEPS', labels: ['1', '2'] }, y: null } as const;
const sheetOf = (id: number, ...cells: number[]): NewSheet => ({
  id: idOf(id),
  createdAt: '2026-03-01T00:00:00.000Z',
  axes,
  cells: cells.map(idOf),
});
const pixels = { data: new Uint8Array(4 * 3 * 3), width: 4, height: 3 };

async function house(...generations: number[]) {
  const db = await memoryD1();
  const { bucket, blobs } = memoryR2();
  const made = new GenerationRows(db);
  for (const number of generations) await made.admit(cell(number, 'SUCCEEDED'), alone);
  const rows = new ContactSheetRows(db);
  const files = new SheetFiles(bucket, rows);
  const deletion = new Deletion({
    ...{ db, bucket, vectors: { remove: async () => {} }, sources: { forget: async () => 0 } },
  });
  /** A sheet that has ended with a picture, which was looked at. */
  const ended = async (sheet: NewSheet) => {
    await rows.admit(sheet, null);
    const picture = await files.put(sheet.id, pixels, '{}');
    expect(await rows.finish(sheet.id, endWith(picture))).toBe(true);
    await (await files.file(sheet.id, 'WEBP'))!.read();
    return picture;
  };
  return { db, bucket, blobs, made, rows, files, deletion, ended };
}

const endWith = (picture: SheetEnd['picture']): SheetEnd => ({
  ...{ status: 'SUCCEEDED', failure: null, finishedAt: 'then', picture },
});

describe('rows', () => {
  it('have all of a sheet, its generations in their order, which is not that of their ids', async () => {
    const { rows } = await house(1, 2, 3);
    const sheet = sheetOf(9, 3, 1, 2);
    expect(await rows.admit(sheet, null)).toBe('ADMITTED');
    expect(await rows.find(sheet.id)).toEqual({ ...sheet, end: null });
    expect(await rows.find(idOf(8))).toBeNull();
  });

  it('have none that lacks a generation', async () => {
    const { rows, db } = await house(1);
    const key = await idempotencyKey('me', { key: 'k', input: '' });
    expect(await rows.admit(sheetOf(9, 1, 2), key)).toBe('GONE');
    expect(await rows.find(idOf(9))).toBeNull();
    expect(await db.prepare('SELECT * FROM contact_sheet_cells').first()).toBeNull();
    expect(await db.prepare('SELECT * FROM idempotency_keys').first()).toBeNull();
  });

  it('have one for an idempotency key', async () => {
    const { rows, made, db } = await house(1, 2);
    const key = await idempotencyKey('me', { key: 'k', input: 'one' });
    expect(await rows.admit(sheetOf(8, 1), key)).toBe('ADMITTED');
    expect(await rows.admit(sheetOf(9, 2), key)).toBe('USED');
    expect(await rows.find(idOf(9))).toBeNull();
    expect(await db.prepare('SELECT COUNT(*) AS n FROM contact_sheet_cells').first()).toEqual({ n: 1 });
    expect(await made.usedFor(key, '2026-03-01T00:00:01.000Z')).toEqual({ id: idOf(8), inputDigest: key.inputDigest });
  });

  it('give back the idempotency key of the sheet that it was used for alone', async () => {
    const { rows, made } = await house(1);
    const key = await idempotencyKey('me', { key: 'k', input: 'one' });
    await rows.admit(sheetOf(8, 1), key);
    await rows.releaseKey(idOf(9), key);
    await rows.releaseKey(idOf(8), { ...key, caller: 'you' });
    expect(await made.usedFor(key, '2026-03-01T00:00:01.000Z')).toMatchObject({ id: idOf(8) });
    await rows.releaseKey(idOf(8), key);
    expect(await made.usedFor(key, '2026-03-01T00:00:01.000Z')).toBeNull();
  });

  it('keep the first end', async () => {
    const { rows } = await house(1);
    await rows.admit(sheetOf(9, 1), null);
    const end = endWith({ blob: 'sheets/a', width: 1, height: 2 });
    expect(await rows.finish(idOf(9), end)).toBe(true);
    expect(await rows.finish(idOf(9), endWith(null))).toBe(false);
    expect(await rows.find(idOf(9))).toMatchObject({ end });
    expect(await rows.finish(idOf(8), end)).toBe(false);
  });
});

describe('files', () => {
  it('are a PNG that says what it is, and others made of it once', async () => {
    const { files, blobs, ended } = await house(1, 2);
    const { blob } = await ended(sheetOf(9, 1, 2));
    expect([...blobs.keys()]).toEqual([`${blob}.png`, `${blob}.webp`]);
    const png = (await files.file(idOf(9), 'PNG'))!;
    expect(png).toMatchObject({ type: 'image/png', fileName: `darkroom-sheet-${idOf(9).slice(0, 12)}.png` });
    expect(new TextDecoder('latin1').decode(await png.read())).toContain('darkroom\0{}');
    const webp = (await files.file(idOf(9), 'WEBP'))!;
    expect(webp.tag).not.toBe(png.tag);
    expect(new TextDecoder().decode((await webp.read()).subarray(8, 12))).toBe('WEBP');
    // It is kept: what is made anew is not what is here now.
    blobs.set(`${blob}.webp`, Uint8Array.of(1));
    expect(await webp.read()).toEqual(Uint8Array.of(1));
    expect(await files.image(idOf(9))).toMatchObject({ id: `sheet-${idOf(9)}`, width: 4, height: 3 });
  });

  it('are none before the end, and of no sheet', async () => {
    const { rows, files } = await house(1);
    await rows.admit(sheetOf(9, 1), null);
    for (const id of [idOf(9), idOf(8)]) {
      expect(await files.image(id)).toBeNull();
      expect(await files.file(id, 'PNG')).toBeNull();
    }
  });
});

describe('a sheet', () => {
  it('goes with any of its generations, and with its files; others stay', async () => {
    const { rows, made, blobs, deletion, ended, db } = await house(1, 2, 3);
    await ended(sheetOf(9, 1, 2));
    const { blob } = await ended(sheetOf(8, 3));
    expect(await deletion.generation(idOf(2))).toBe(true);
    expect(await rows.find(idOf(9))).toBeNull();
    expect(await made.find(idOf(1))).not.toBeNull();
    expect(await rows.find(idOf(8))).not.toBeNull();
    expect([...blobs.keys()]).toEqual([`${blob}.png`, `${blob}.webp`]);
    expect(await db.prepare('SELECT sheet_id FROM contact_sheet_cells').all()).toMatchObject({
      results: [{ sheet_id: idOf(8) }],
    });
  });

  it('is deleted without its generations', async () => {
    const { rows, made, blobs, deletion, ended, db } = await house(1, 2);
    await ended(sheetOf(9, 1, 2));
    await deletion.contactSheet(idOf(9));
    expect(await rows.find(idOf(9))).toBeNull();
    expect(await made.find(idOf(1))).not.toBeNull();
    expect(blobs.size).toBe(0);
    expect(await db.prepare('SELECT * FROM contact_sheet_cells').first()).toBeNull();
    await deletion.contactSheet(idOf(9));
  });

  it('keeps its files from the sweep, which finds what has no row', async () => {
    const { bucket, db, blobs, files, ended } = await house(1);
    await ended(sheetOf(9, 1));
    await files.put(idOf(9), pixels, '{}');
    const late = new Date(Date.now() + 1);
    expect(await sweep(bucket, db, late)).toMatchObject({ orphans: 1, next: null });
    expect(blobs.size).toBe(2);
    await db.prepare('DELETE FROM contact_sheets').run();
    expect(await sweep(bucket, db, late)).toMatchObject({ orphans: 2, bytes: 0 });
    expect(blobs.size).toBe(0);
  });
});
