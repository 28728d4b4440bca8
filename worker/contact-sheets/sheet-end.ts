/** How a contact sheet ends: with what its generations have made, in one picture. */
import type { Failure, GenerationState, RetryLater } from '../../schema/context.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import type { SheetEnd, SheetRow } from './contact-sheet-rows.ts';
import { drawnPicture } from './drawn-picture.ts';
import type { SheetPngs } from './sheet-pngs.ts';
import { outcomeOf } from './sheet-state.ts';

/**
 * Draws the picture and stores it, where there is anything to draw.
 * @param cells all of its generations, which have ended
 * @throws RetryLater where an image has to be decoded anew and no backend does so now
 */
export async function drawnEnd(
  { id, axes }: Pick<SheetRow, 'id' | 'axes'>,
  cells: readonly GenerationState[],
  pictures: Pick<LatentPictures, 'pixels'>,
  files: Pick<SheetPngs, 'put'>,
): Promise<SheetEnd> {
  const outcome = { ...outcomeOf(cells), finishedAt: now() };
  if (cells.every(({ images }) => images.length === 0)) return { ...outcome, picture: null };
  const picture = await files.put(id, await drawnPicture(axes, cells, pictures));
  return { ...outcome, finishedAt: now(), picture };
}

/**
 * Of one whose generations are all there and whose picture cannot be drawn.
 * @param lack what it would have taken; null where it was tried again and again
 */
export function undrawable(lack: RetryLater | null = null): SheetEnd {
  const message = 'The picture of the contact sheet could not be drawn; its generations are there';
  const failure: Failure = lack
    ? { code: lack.code, message: `${message}: ${lack.message}`, stage: 'DECODE', retryable: true }
    : { code: 'INTERNAL', message, stage: 'STORE', retryable: false };
  return { status: 'FAILED', failure, finishedAt: now(), picture: null };
}

function now(): string {
  return new Date().toISOString();
}
