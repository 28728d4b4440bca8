import { expect, it } from 'vitest';
import type { Pixels } from '../../schema/context.ts';
import { drawSheet } from './draw-sheet.ts';
import { layOut, type SheetContent } from './layout.ts';

const content: SheetContent = {
  axes: { x: { parameter: 'STEPS', labels: ['1', '2'] }, y: null },
  cell: { width: 32, height: 24 },
  prompt: 'a b',
  settings: [],
};
const noise = (width: number, height: number): Pixels => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 73) % 256),
  width,
  height,
});

/** A rectangle of a picture. */
function part({ data, width: across }: Pixels, x: number, y: number, width: number, height: number): number[] {
  return Array.from({ length: height }, (_, row) => [
    ...data.subarray(3 * ((y + row) * across + x), 3 * ((y + row) * across + x + width)),
  ]).flat();
}

it('shows images as they are, and a frame with a word for what has none', async () => {
  const picture = noise(32, 24);
  const draw = (absence: string) =>
    drawSheet(content, [
      { pixels: async () => picture, absence: 'succeeded' },
      { pixels: null, absence },
    ]);
  const sheet = await draw('failed');
  const { cells, width, height } = layOut(content);
  expect([sheet.width, sheet.height]).toEqual([width, height]);
  expect(part(sheet, cells[0]!.x, cells[0]!.y, 32, 24)).toEqual([...picture.data]);
  const { x, y } = cells[1]!;
  expect(part(sheet, x, y, 32, 1)).toEqual(Array.from({ length: 32 }, () => [214, 217, 222]).flat());
  const dark = (of: Pixels) => part(of, x + 1, y + 1, 30, 22).filter(value => value < 200).length;
  expect(dark(sheet)).toBeGreaterThan(50);
  expect(part(await draw('cancelled'), x, y, 32, 24)).not.toEqual(part(sheet, x, y, 32, 24));
  // Around everything there is paper.
  expect(new Set(part(sheet, 0, 0, width, 5))).toEqual(new Set([242, 243, 245]));
});

it('is the same to the byte each time', async () => {
  const cells = [1, 2].map(() => ({ pixels: async () => noise(32, 24), absence: '' }));
  expect((await drawSheet(content, cells)).data).toEqual((await drawSheet(content, cells)).data);
});

it('has one image after the other read', async () => {
  let reading = 0;
  const pixels = async () => {
    expect(++reading).toBe(1);
    await Promise.resolve();
    reading--;
    return noise(32, 24);
  };
  await drawSheet(content, [
    { pixels, absence: '' },
    { pixels, absence: '' },
  ]);
});

it('shows large images smaller', async () => {
  const large = { ...content, cell: { width: 3_000, height: 2_000 } };
  const grey: Pixels = { data: new Uint8Array(3_000 * 2_000 * 3).fill(90), width: 3_000, height: 2_000 };
  const sheet = await drawSheet(large, [
    { pixels: async () => grey, absence: '' },
    { pixels: null, absence: 'failed' },
  ]);
  const { cell, cells } = layOut(large);
  expect(cell.width).toBeLessThan(2_000);
  expect(new Set(part(sheet, cells[0]!.x, cells[0]!.y, cell.width, cell.height))).toEqual(new Set([90]));
});
