/** How much room text takes on a contact sheet. Pixels. */
import type { AxisParameter, SheetAxis } from '../../schema/contact-sheet-service.ts';
import { inter, type Weight } from '../lettering/inter.ts';
import { legible } from '../lettering/legible.ts';
import { breakLines } from '../lettering/lines.ts';

export interface TextStyle {
  readonly size: number;
  readonly weight: Weight;
  readonly tone: 'INK' | 'GREY';
}

/** In the words that stand beside the values. */
export const axisTitles: Readonly<Record<AxisParameter, string>> = {
  STEPS: 'steps',
  GUIDANCE_SCALE: 'guidance scale',
  SCHEDULER: 'scheduler',
  SEED: 'seed',
  PROMPT: 'prompt',
  STRENGTH: 'strength',
};

/** A text size that is read as easily as the images are seen. */
export function textSizeFor(cellWidth: number): number {
  return Math.min(Math.max(Math.round(cellWidth / 9), 12), 36);
}

/** What a column's label needs: a value in one line, a prompt in a few. */
export function columnFor({ parameter, labels }: SheetAxis, size: number): number {
  if (parameter === 'PROMPT') return 8 * size;
  const widest = Math.max(...labels.map(label => widthOf(label, size)));
  return Math.ceil(Math.min(widest + size, 9 * size));
}

/** The same for labels at the side. */
export function sideFor({ parameter, labels }: SheetAxis, size: number, column: number): number {
  const widest = Math.max(...labels.map(label => widthOf(legible(label), size)));
  const most = parameter === 'PROMPT' ? Math.max(12 * size, column) : 12 * size;
  return Math.ceil(Math.max(Math.min(widest, most), widthOf(axisTitles[parameter], size * 0.9)));
}

export function linesIn(
  text: string,
  across: number,
  most: number,
  style: Pick<TextStyle, 'size' | 'weight'>,
): string[] {
  return breakLines(text, most, { across, widthOf: character => widthOf(character, style.size, style.weight) });
}

export function widthOf(text: string, size: number, weight: Weight = 'REGULAR'): number {
  return inter(weight).width(text, size);
}

export function lineHeight(size: number): number {
  return Math.round(size * 1.35);
}

export function baselineIn({ size, weight }: Pick<TextStyle, 'size' | 'weight'>): number {
  const { above, below } = inter(weight).extent(size);
  return Math.round((lineHeight(size) - above - below) / 2 + above);
}
