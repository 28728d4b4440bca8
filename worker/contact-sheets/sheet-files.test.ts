import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import { EncodedFiles } from '../images/encoded-files.ts';
import { ContactSheetRows, type NewSheet } from './contact-sheet-rows.ts';
import { drawnEnd } from './sheet-end.ts';
import { SheetFiles } from './sheet-files.ts';
import { SheetPngs } from './sheet-pngs.ts';
import { cell, idOf, keyOf } from './testing/cells.ts';

const alone = { places: 99, work: null, ticket: null, startBlob: '', idempotency: null };
const sheet: NewSheet = {
  id: idOf(9),
  createdAt: '2026-03-01T00:00:00.000Z',
  axes: { x: { parameter: 'STEPS', labels: ['1', '2'] }, y: null },
  cells: [idOf(2), idOf(1)],
};

/** A sheet of two generations that has ended with a picture; `asked` are the keys of the pictures that were read since. */
async function house() {
  const db = await memoryD1();
  const { bucket, blobs } = memoryR2();
  const rows = new ContactSheetRows(db);
  const made = new GenerationRows(db);
  for (const number of [1, 2]) await made.admit(cell(number, 'SUCCEEDED'), alone);
  const generations = {
    findMany: async (ids: readonly string[]) =>
      new Map((await made.findMany(ids)).map(state => [state.id, state] as const)),
  };
  const asked: string[] = [];
  const pictures = {
    pixels: async (key: string) => {
      asked.push(key);
      return { data: new Uint8Array(8 * 8 * 3).fill(Number.parseInt(key, 16)), width: 8, height: 8 };
    },
  };
  const files = new SheetFiles({ bucket, rows, generations, pictures });
  await rows.admit(sheet, null);
  const end = async () => {
    const cells = [cell(2, 'SUCCEEDED'), cell(1, 'SUCCEEDED')];
    const ended = await drawnEnd(sheet, cells, pictures, new SheetPngs(new EncodedFiles(bucket)));
    await rows.finish(sheet.id, ended);
    asked.length = 0;
    return ended.picture!;
  };
  return { blobs, files, made, asked, end };
}

const bytesOf = async (files: SheetFiles, format: 'PNG' | 'WEBP') => (await files.file(sheet.id, format))!.read();

let warnings: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  warnings.mockRestore();
});

describe('a picture', () => {
  it('is a PNG that says what it is, and in other formats made of it once', async () => {
    const { files, blobs, end, asked } = await house();
    const { blob, width, height } = await end();
    const png = (await files.file(sheet.id, 'PNG'))!;
    expect(png).toMatchObject({ type: 'image/png', fileName: `darkroom-sheet-${sheet.id.slice(0, 12)}.png` });
    expect(new TextDecoder('latin1').decode(await png.read())).toContain('darkroom\0{"version":1,"contactSheet":');
    const webp = (await files.file(sheet.id, 'WEBP'))!;
    expect(webp.tag).not.toBe(png.tag);
    const bytes = await webp.read();
    expect(new TextDecoder().decode(bytes.subarray(8, 12))).toBe('WEBP');
    expect([...blobs.keys()]).toEqual([`${blob}.png`, `${blob}.webp`]);
    // It is kept: it does not even take the PNG.
    blobs.delete(`${blob}.png`);
    expect(await webp.read()).toEqual(bytes);
    expect(asked).toEqual([]);
    expect(await files.image(sheet.id)).toMatchObject({ id: `sheet-${sheet.id}`, width, height });
  });

  it('is none before the end, and of no sheet', async () => {
    const { files } = await house();
    for (const id of [sheet.id, idOf(8)]) {
      expect(await files.image(id)).toBeNull();
      expect(await files.file(id, 'PNG')).toBeNull();
    }
  });
});

describe('a file that is not what was stored', () => {
  const damage = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));

  it.each([
    ['lost', () => null],
    ['damaged', damage],
    ['cut off', (bytes: Uint8Array) => bytes.slice(0, 20)],
  ])('is drawn anew from its generations: %s', async (_, spoil) => {
    const { files, blobs, end, asked } = await house();
    const { blob } = await end();
    const [png, webp] = [await bytesOf(files, 'PNG'), await bytesOf(files, 'WEBP')];
    for (const name of [`${blob}.png`, `${blob}.webp`]) {
      const spoilt = spoil(blobs.get(name)!);
      if (spoilt) blobs.set(name, spoilt);
      else blobs.delete(name);
    }
    expect(await bytesOf(files, 'WEBP')).toEqual(webp);
    expect(await bytesOf(files, 'PNG')).toEqual(png);
    // Once: it is kept again.
    expect(asked).toEqual([keyOf(2), keyOf(1)]);
    expect([...blobs.keys()].sort()).toEqual([`${blob}.png`, `${blob}.webp`]);
  });

  it('is made of the PNG where that is whole', async () => {
    const { files, blobs, end, asked } = await house();
    const { blob } = await end();
    const webp = await bytesOf(files, 'WEBP');
    blobs.set(`${blob}.webp`, damage(webp));
    expect(await bytesOf(files, 'WEBP')).toEqual(webp);
    expect(asked).toEqual([]);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it('is not drawn with a generation lacking, which was deleted meanwhile', async () => {
    const { files, blobs, end, made } = await house();
    await end();
    const { read } = (await files.file(sheet.id, 'PNG'))!;
    blobs.clear();
    made.findMany = async () => [];
    await expect(read()).rejects.toThrow('was deleted');
    expect(blobs.size).toBe(0);
  });
});
