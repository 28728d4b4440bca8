/** The picture of a contact sheet as it is drawn: all of it follows from its axes and its generations. */
import type { GenerationState, Pixels } from '../../schema/context.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import type { SheetAxes } from './contact-sheet-rows.ts';
import { drawSheet } from './draw-sheet.ts';
import { cellOf, contentOf, sheetText } from './sheet-content.ts';

export interface DrawnPicture {
  readonly pixels: Pixels;
  /** What its file says of itself. */
  readonly text: string;
}

/**
 * @param cells all of its generations, which have ended, row by row
 * @throws RetryLater where an image has to be decoded anew and no backend does so now
 */
export async function drawnPicture(
  axes: SheetAxes,
  cells: readonly GenerationState[],
  pictures: Pick<LatentPictures, 'pixels'>,
): Promise<DrawnPicture> {
  const pixels = await drawSheet(
    contentOf(axes, cells),
    cells.map(cell => cellOf(cell, key => pictures.pixels(key))),
  );
  return { pixels, text: sheetText(axes, cells) };
}
