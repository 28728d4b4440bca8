/** How far a contact sheet is: all of it follows from its generations, so that the two never disagree. */
import type { ContactSheetState } from '../../schema/contact-sheet-service.ts';
import type { Failure, GenerationState, GenerationStatus, ImageState } from '../../schema/context.ts';
import { hasEnded } from '../generations/ending.ts';
import type { DurableGenerations } from '../generations/generation-service.ts';
import { sheetImageId } from '../images/image-id.ts';
import type { SheetRow } from './contact-sheet-rows.ts';

/** Its generations, row by row; null where one is gone: then so is the sheet. */
export async function cellsOf(
  { cells }: Pick<SheetRow, 'cells'>,
  generations: Pick<DurableGenerations, 'findMany'>,
): Promise<readonly GenerationState[] | null> {
  const found = await generations.findMany(cells);
  const states = cells.map(id => found.get(id));
  return states.every(state => state !== undefined) ? states : null;
}

/** @param cells row by row */
export function sheetState(row: SheetRow, cells: readonly GenerationState[]): ContactSheetState {
  const { id, createdAt, end } = row;
  const going = cells.filter(({ status }) => !hasEnded(status));
  const etas = going.map(({ etaMs }) => etaMs ?? null).filter(ms => ms !== null);
  const positions = going.map(({ queuePosition }) => queuePosition ?? null).filter(place => place !== null);
  const status = end?.status ?? statusOf(cells.map(cell => cell.status));
  return {
    id,
    status,
    step: sum(cells.map(({ step }) => step)),
    steps: sum(cells.map(({ steps }) => steps)),
    queuePosition: status === 'QUEUED' && positions.length > 0 ? Math.min(...positions) : null,
    // Nobody knows when all are there while that is not known of each.
    etaMs: going.length > 0 && etas.length === going.length ? Math.max(...etas) : null,
    image: sheetImage(row),
    cells: inRows(cells, row.axes.x.labels.length),
    failure: end?.failure ?? null,
    createdAt,
    finishedAt: end?.finishedAt ?? null,
  };
}

/** Null where there is none. */
export function sheetImage({ id, end }: Pick<SheetRow, 'id' | 'end'>): ImageState | null {
  if (!end?.picture) return null;
  const { width, height } = end.picture;
  return { id: sheetImageId(id), generationId: null, width, height, seed: null, latentKey: null };
}

const order: readonly GenerationStatus[] = ['QUEUED', 'ENCODING', 'DENOISING', 'DECODING', 'SCORING'];
const drawn = order.indexOf('DECODING');

/** Of one that goes on. It does not go back when one of its generations ends and the next begins. */
export function statusOf(cells: readonly GenerationStatus[]): GenerationStatus {
  const stages = cells.map(status => (hasEnded(status) ? order.length : order.indexOf(status)));
  const furthest = Math.max(...stages);
  if (furthest <= order.indexOf('ENCODING')) return order[furthest]!;
  // Once all have ended, the picture is drawn.
  return Math.min(...stages) < drawn ? 'DENOISING' : 'DECODING';
}

/** How one ends, all of whose generations have. */
export function outcomeOf(cells: readonly GenerationState[]): { status: GenerationStatus; failure: Failure | null } {
  const failed = cells.find(({ status }) => status === 'FAILED');
  if (failed) return { status: 'FAILED', failure: failed.failure };
  const isWhole = cells.every(({ status }) => status === 'SUCCEEDED');
  return { status: isWhole ? 'SUCCEEDED' : 'CANCELLED', failure: null };
}

function inRows<Item>(items: readonly Item[], columns: number): Item[][] {
  return Array.from({ length: items.length / columns }, (_, row) => items.slice(row * columns, (row + 1) * columns));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
