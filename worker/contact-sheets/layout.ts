/** Where everything goes on a contact sheet. Pixels, from its top left corner. */
import { legible } from '../lettering/legible.ts';
import type { SheetAxes } from './contact-sheet-rows.ts';
import {
  axisTitles,
  baselineIn,
  columnFor,
  lineHeight,
  linesIn,
  sideFor,
  type TextStyle,
  textSizeFor,
  widthOf,
} from './text-room.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface SheetContent {
  readonly axes: SheetAxes;
  /** Of an image. */
  readonly cell: Size;
  /** Null where each cell has another one. */
  readonly prompt: string | null;
  /** What else all have in common, in words. */
  readonly settings: readonly string[];
}

export interface PlacedText extends TextStyle {
  readonly text: string;
  readonly x: number;
  readonly baseline: number;
}

export interface SheetLayout extends Size {
  /** Of an image as it is shown. */
  readonly cell: Size;
  /** Top left corners, row by row. */
  readonly cells: readonly { readonly x: number; readonly y: number }[];
  readonly texts: readonly PlacedText[];
  /** Of what is written at a cell. */
  readonly textSize: number;
}

/** Pixels in all: drawing one and encoding it takes about 20 bytes for each, of the 128 MB that a Worker has. */
export const mostPixels = 2048 * 2048;
/** Of a side: WebP has 14 bits for it. */
export const mostSide = 16_000;

const unbroken = '\u00a0';

/** With the images as they are, or smaller where the sheet would be too large. */
export function layOut(content: SheetContent): SheetLayout {
  for (let cell = content.cell; ; ) {
    const layout = layOutWith(content, cell);
    const { width, height } = layout;
    const excess = Math.max(Math.sqrt((width * height) / mostPixels), width / mostSide, height / mostSide);
    if (excess <= 1 || (cell.width === 1 && cell.height === 1)) return layout;
    const shrunk = (side: number) => Math.max(1, Math.floor((side * 0.99) / excess));
    cell = { width: shrunk(cell.width), height: shrunk(cell.height) };
  }
}

function layOutWith({ axes: { x, y }, prompt, settings }: SheetContent, cell: Size): SheetLayout {
  const size = textSizeFor(cell.width);
  const [columns, rows] = [x.labels.length, y?.labels.length ?? 1];
  const gap = Math.max(2, Math.round(size * 0.4));
  const margin = Math.round(size * 1.6);
  const texts: PlacedText[] = [];

  // Across.
  const column = Math.max(cell.width, columnFor(x, size));
  const [sideTitle, sideWidth] = y ? [axisTitles[y.parameter], sideFor(y, size, column)] : ['', 0];
  const left = margin + (y ? sideWidth + size : 0);
  const gridWidth = columns * column + (columns - 1) * gap;
  const heading = prompt === null ? '' : legible(prompt);
  const headingSize = Math.round(size * 1.25);
  const note = settings.map(setting => legible(setting).replaceAll(' ', unbroken)).join(`${unbroken}${unbroken}·  `);
  const noteSize = size * 0.9;
  // A heading over a narrow grid is not to be a column of single words.
  const inner = Math.max(
    left - margin + gridWidth,
    Math.min(widthOf(heading, headingSize, 'SEMI_BOLD'), 22 * size),
    Math.min(widthOf(note, noteSize), 22 * size),
  );

  // Down.
  let top = margin;
  const write = (lines: readonly string[], style: TextStyle, place: (width: number) => number) => {
    for (const text of lines) {
      texts.push({
        text,
        x: place(widthOf(text, style.size, style.weight)),
        baseline: Math.round(top) + baselineIn(style),
        ...style,
      });
      top += lineHeight(style.size);
    }
  };
  const headingStyle: TextStyle = { size: headingSize, weight: 'SEMI_BOLD', tone: 'INK' };
  const noteStyle: TextStyle = { size: noteSize, weight: 'REGULAR', tone: 'GREY' };
  const labelStyle: TextStyle = { size, weight: 'REGULAR', tone: 'INK' };
  write(linesIn(heading, inner, 3, headingStyle), headingStyle, () => margin);
  write(linesIn(note, inner, 2, noteStyle), noteStyle, () => margin);
  if (top > margin) top += Math.round(size * 0.9);
  write([axisTitles[x.parameter]], noteStyle, own => left + (gridWidth - own) / 2);
  const columnLines = x.labels.map(label => linesIn(legible(label), column, 4, labelStyle));
  const labelsTop = top;
  const mostLines = Math.max(...columnLines.map(({ length }) => length));
  for (const [i, lines] of columnLines.entries()) {
    // All end right above the images.
    top = labelsTop + (mostLines - lines.length) * lineHeight(size);
    write(lines, labelStyle, own => left + i * (column + gap) + (column - own) / 2);
  }
  top = labelsTop + (mostLines - 1) * lineHeight(size);
  if (y) write([sideTitle], noteStyle, own => left - size - own);
  const gridTop = labelsTop + mostLines * lineHeight(size) + Math.round(size * 0.35);
  const rowLines = (y?.labels ?? []).map(label => {
    const most = Math.max(1, Math.floor(cell.height / lineHeight(size)));
    return linesIn(legible(label), sideWidth, most, labelStyle);
  });
  const row = Math.max(cell.height, y ? lineHeight(size) : 0);
  for (const [i, lines] of rowLines.entries()) {
    top = gridTop + i * (row + gap) + (row - lines.length * lineHeight(size)) / 2;
    write(lines, labelStyle, own => left - size - own);
  }
  const cells = Array.from({ length: rows * columns }, (_, i) => ({
    x: Math.round(left + (i % columns) * (column + gap) + (column - cell.width) / 2),
    y: Math.round(gridTop + Math.floor(i / columns) * (row + gap) + (row - cell.height) / 2),
  }));
  return {
    width: Math.ceil(inner) + 2 * margin,
    height: gridTop + rows * row + (rows - 1) * gap + margin,
    cell,
    cells,
    texts,
    textSize: size,
  };
}
