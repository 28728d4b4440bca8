import { describe, expect, it } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { Deletion } from '../deletion/deletion.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import { idempotencyKey } from '../generations/idempotency.ts';
import { EncodedFiles } from '../images/encoded-files.ts';
import { sheetBlob } from '../images/image-names.ts';
import { sweep } from '../keeper/sweep.ts';
import { ContactSheetRows, type NewSheet, type SheetEnd } from './contact-sheet-rows.ts';
import { SheetPngs } from './sheet-pngs.ts';
import { cell, idOf } from './testing/cells.ts';

const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const axes = { x: { parameter: 'STEPS', labels: ['1', '2'] }, y: null } as const;
const sheetOf = (id: number, ...cells: number[]): NewSheet => ({
  id: idOf(id),
  createdAt: '2026-03-01T00:00:00.000Z',
  axes,
  cells: cells.map(idOf),
});
const drawn = { pixels: { data: new Uint8Array(4 * 3 * 3), width: 4, height: 3 }, text: '{}' };

async function house(...generations: number[]) {
  const db = await memoryD1();
  const { bucket, blobs } = memoryR2();
  const made = new GenerationRows(db);
  for (const number of generations) await made.admit(cell(number, 'SUCCEEDED'), alone);
  const rows = new ContactSheetRows(db);
  const files = new EncodedFiles(bucket);
  const pngs = new SheetPngs(files);
  const deletion = new Deletion({
    ...{ db, bucket, vectors: { remove: async () => {} }, sources: { forget: async () => 0 } },
  });
  /** A sheet that has ended with a picture, which was looked at. */
  const ended = async (sheet: NewSheet) => {
    await rows.admit(sheet, null);
    const picture = await pngs.put(sheet.id, drawn);
    expect(await rows.finish(sheet.id, endWith(picture))).toBe(true);
    await files.put(sheetBlob(picture.blob, 'WEBP'), Uint8Array.of(1));
    return picture;
  };
  return { db, bucket, blobs, made, rows, pngs, deletion, ended };
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
    const { bucket, db, blobs, pngs, ended } = await house(1);
    await ended(sheetOf(9, 1));
    await pngs.put(idOf(9), drawn);
    const late = new Date(Date.now() + 1);
    expect(await sweep(bucket, db, late)).toMatchObject({ orphans: 1, next: null });
    expect(blobs.size).toBe(2);
    await db.prepare('DELETE FROM contact_sheets').run();
    expect(await sweep(bucket, db, late)).toMatchObject({ orphans: 2, bytes: 0 });
    expect(blobs.size).toBe(0);
  });
});
