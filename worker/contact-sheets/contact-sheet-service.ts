import type {
  ContactSheetRequest,
  ContactSheetService,
  ContactSheetState,
} from '../../schema/contact-sheet-service.ts';
import type { Idempotency } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import { isGenerationId, newGenerationId } from '../generations/generation-id.ts';
import type { GenerationRows } from '../generations/generation-rows.ts';
import type { DurableGenerations } from '../generations/generation-service.ts';
import { type IdempotencyKey, idempotencyKey, usedBefore } from '../generations/idempotency.ts';
import { jobOf } from '../generations/job.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { StartPixels } from '../starts/start-pixels.ts';
import { inBatches } from './batches.ts';
import type { ContactSheetObject } from './contact-sheet-object.ts';
import type { ContactSheetRows, NewSheet, SheetAdmitted, SheetRow } from './contact-sheet-rows.ts';
import { cellsOf, sheetState } from './sheet-state.ts';

export interface ContactSheetsOptions {
  readonly objects: DurableObjectNamespace<ContactSheetObject>;
  readonly rows: Pick<ContactSheetRows, 'find' | 'releaseKey'>;
  readonly generations: Pick<DurableGenerations, 'create' | 'findMany'>;
  /** Where idempotency keys are. */
  readonly keys: Pick<GenerationRows, 'usedFor'>;
  readonly starts: Pick<StartPixels, 'save'>;
}

/** Contact sheets: their generations are like any other, an object waits for them, and rows find them. */
export class DurableContactSheets implements ContactSheetService {
  readonly #options: ContactSheetsOptions;

  constructor(options: ContactSheetsOptions) {
    this.#options = options;
  }

  async create(request: ContactSheetRequest): Promise<ContactSheetState> {
    const idempotency = request.idempotency && (await keyOf(request, request.idempotency));
    const replayed = idempotency && (await this.#replayed(idempotency));
    if (replayed) return replayed;
    const { x, y } = request;
    const id = newGenerationId();
    // By their ids they are in the order in which they are made.
    const cells = request.cells.map(() => newGenerationId()).sort();
    const sheet: NewSheet = { id, createdAt: new Date().toISOString(), axes: { x, y }, cells };
    const object = this.#options.objects.getByName(id);
    await object.begin(sheet);
    let admitted: SheetAdmitted;
    try {
      await this.#createCells(request, sheet);
      admitted = await object.accept(idempotency);
    } catch (error) {
      const state = await this.#acceptedAfterAll(sheet, error);
      if (state) return state;
      await this.#abandon(sheet, idempotency);
      throw error;
    }
    const row = admitted === 'ADMITTED' ? { ...sheet, end: null } : null;
    const state = row && (await this.#stateOf(row));
    if (state) return state;
    // Of what is not accepted nothing stays.
    await this.#abandon(sheet, idempotency);
    const first = idempotency && (await this.#replayed(idempotency));
    if (first) return first;
    throw new Error('A generation of the contact sheet was deleted before all of them were there');
  }

  /** A picture that they start from is stored once for all of them. */
  async #createCells({ cells }: ContactSheetRequest, sheet: NewSheet): Promise<void> {
    const { generations, starts } = this.#options;
    const content = cells[0]!.startContent;
    const startPixels = content?.kind === 'PIXELS' ? await starts.save(content.pixels, content.digest) : null;
    await inBatches(cells, (cell, i) => generations.create(cell, { id: sheet.cells[i]!, startPixels }));
  }

  /** Its row may be there, and only the word of it lost. Null where it is not. */
  async #acceptedAfterAll({ id }: NewSheet, fault: unknown): Promise<ContactSheetState | null> {
    try {
      const state = await this.find(id);
      if (state) logUnexpected(fault, 'contact sheet accepted');
      return state;
    } catch (error) {
      logUnexpected(error, 'contact sheet');
      return null;
    }
  }

  /** Nobody was told of it. Where removing it fails now, the object's alarm does it. */
  async #abandon({ id, cells }: NewSheet, idempotency: IdempotencyKey | null): Promise<void> {
    const { objects, rows } = this.#options;
    const log = (error: unknown) => void logUnexpected(error, 'contact sheet');
    await objects.getByName(id).remove(id, cells).catch(log);
    // Last: it may have been used until then. The caller's next attempt must not be told of a sheet that was deleted.
    if (idempotency) await rows.releaseKey(id, idempotency).catch(log);
  }

  /** What an idempotency key was used for. @throws RequestError IDEMPOTENCY_CONFLICT, NOT_FOUND */
  async #replayed(used: IdempotencyKey): Promise<ContactSheetState | null> {
    const id = await usedBefore(this.#options.keys, used);
    if (id === null) return null;
    const state = await this.find(id);
    if (state === null) throw new RequestError('NOT_FOUND', 'The contact sheet of this idempotency key was deleted');
    return state;
  }

  async find(id: string): Promise<ContactSheetState | null> {
    const row = await this.#row(id);
    return row && this.#stateOf(row);
  }

  async cancel(id: string): Promise<ContactSheetState | null> {
    const row = await this.#row(id);
    if (row && !row.end) await this.#options.objects.getByName(id).cancel();
    return row && this.find(id);
  }

  async delete(id: string): Promise<boolean> {
    const row = await this.#row(id);
    if (row) await this.#options.objects.getByName(id).remove(id, row.cells);
    return row !== null;
  }

  async wait(id: string, milliseconds: number): Promise<ContactSheetState | null> {
    const row = await this.#row(id);
    try {
      if (row && !row.end) await this.#options.objects.getByName(id).wait(milliseconds);
    } catch (error) {
      // The object was restarted. It goes on without us: better an answer from before than none.
      logUnexpected(error, 'contact sheet wait');
    }
    return row && this.find(id);
  }

  async #row(id: string): Promise<SheetRow | null> {
    return isGenerationId(id) ? this.#options.rows.find(id) : null;
  }

  /** Null where one of its generations is gone: then so is the sheet. */
  async #stateOf(row: SheetRow): Promise<ContactSheetState | null> {
    const cells = await cellsOf(row, this.#options.generations);
    return cells && sheetState(row, cells);
  }
}

/** A generation's key of the same name is another. */
async function keyOf({ cells: [cell] }: ContactSheetRequest, idempotency: Idempotency): Promise<IdempotencyKey> {
  return idempotencyKey(`${jobOf(cell!).caller}: contact sheets`, idempotency);
}
