/** Draws a contact sheet. */
import { resize } from '../../models/resize.ts';
import type { Pixels } from '../../schema/context.ts';
import { type Colour, drawText } from '../lettering/draw-text.ts';
import { inter } from '../lettering/inter.ts';
import { layOut, type SheetContent, type SheetLayout, type Size } from './layout.ts';

export interface CellContent {
  /** Null where there is no picture. */
  readonly pixels: (() => Promise<Pixels>) | null;
  /** What is written in place of one. */
  readonly absence: string;
}

const tones = { INK: [24, 26, 31], GREY: [112, 117, 126] } as const satisfies Record<string, Colour>;
const frame: Colour = [214, 217, 222];
const emptyCell: Colour = [250, 250, 251];
/** Not white: many pictures are, and would have no edge. */
const paper: Colour = [242, 243, 245];

/**
 * @param cells row by row; their pictures are read one after the other, so that they are not all in memory
 * @throws whatever reading a picture throws
 */
export async function drawSheet(content: SheetContent, cells: readonly CellContent[]): Promise<Pixels> {
  const layout = layOut(content);
  const { width, height, texts } = layout;
  const sheet: Pixels = { data: new Uint8Array(width * height * 3), width, height };
  fill(sheet, { x: 0, y: 0 }, layout, paper);
  for (const { text, x, baseline, size, weight, tone } of texts) {
    drawText(sheet, text, x, baseline, { typeface: inter(weight), size, colour: tones[tone] });
  }
  for (const [i, place] of layout.cells.entries()) {
    const { pixels, absence } = cells[i]!;
    if (pixels) paste(sheet, inSize(await pixels(), layout.cell), place);
    else drawAbsence(sheet, absence, place, layout);
  }
  return sheet;
}

type Place = SheetLayout['cells'][number];

function inSize({ data, width, height }: Pixels, size: Size): Pixels {
  return { data: resize({ data, dims: [height, width, 3] }, size.width, size.height).data, ...size };
}

function paste(sheet: Pixels, { data, width, height }: Pixels, { x, y }: Place): void {
  for (let row = 0; row < height; row++) {
    sheet.data.set(data.subarray(3 * row * width, 3 * (row + 1) * width), 3 * ((y + row) * sheet.width + x));
  }
}

/** An empty frame with a word in it. */
function drawAbsence(sheet: Pixels, absence: string, { x, y }: Place, { cell, textSize }: SheetLayout): void {
  fill(sheet, { x, y }, cell, frame);
  fill(sheet, { x: x + 1, y: y + 1 }, { width: cell.width - 2, height: cell.height - 2 }, emptyCell);
  const typeface = inter('REGULAR');
  const room = Math.max(1, cell.width - 4);
  const size = Math.min(textSize, (textSize * room) / typeface.width(absence, textSize));
  const left = x + (cell.width - typeface.width(absence, size)) / 2;
  // Small letters reach about half a size above the baseline: so they look as if they were in the middle.
  drawText(sheet, absence, left, y + cell.height / 2 + size * 0.35, { typeface, size, colour: tones.GREY });
}

function fill(sheet: Pixels, { x, y }: Place, { width, height }: Size, colour: Colour): void {
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) sheet.data.set(colour, 3 * (row * sheet.width + column));
  }
}
