import { DurableObject } from 'cloudflare:workers';
import { type GenerationState, RetryLater } from '../../schema/context.ts';
import { BackendPool } from '../backends/pool.ts';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import { hasEnded } from '../generations/ending.ts';
import type { DurableGenerations } from '../generations/generation-service.ts';
import type { IdempotencyKey } from '../generations/idempotency.ts';
import { Watchers } from '../generations/watchers.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { EncodedFiles } from '../images/encoded-files.ts';
import { LatentPictures } from '../latents/latent-pictures.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { createServices } from '../services.ts';
import { inBatches } from './batches.ts';
import {
  ContactSheetRows,
  type NewSheet,
  type SheetAdmitted,
  type SheetEnd,
  type SheetRow,
} from './contact-sheet-rows.ts';
import { drawnEnd, undrawable } from './sheet-end.ts';
import { SheetPngs } from './sheet-pngs.ts';
import { cellsOf } from './sheet-state.ts';

/** So long may its generations take to be made: whoever has not said by then that they are there has died. */
const makingMs = 120_000;
/** While it works, an alarm stands ready for whoever goes on after a crash. */
const standbyMs = 5_000;
/** Of the 15 minutes that an alarm may run. */
const followingMs = 10 * 60_000;
/** How long one question to a generation waits. */
const questionMs = 60_000;
/** When something was in the way: how long until it is tried again. */
const retryMs = 10_000;
/** What was not drawn in so many attempts, where nothing was lacking, never will be. */
const mostAttempts = 5;

/**
 * One contact sheet, from before its generations are made until its picture is drawn: from then on its row knows everything.
 *
 * Whatever dies meanwhile, the alarm goes on: with waiting for the generations of a sheet that was accepted, or with removing
 * those of one that never was.
 */
export class ContactSheetObject extends DurableObject<Env> {
  /** As in storage; null before `begin` and after the end. */
  #sheet: Pick<NewSheet, 'id' | 'cells'> | null = null;
  /** Nobody wants it any more. */
  #isRemoved = false;
  #accepting = false;
  #working = false;
  /** There is one end. */
  #ending: Promise<void> | null = null;
  readonly #rows: ContactSheetRows;
  readonly #pngs: SheetPngs;
  readonly #watchers = new Watchers();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#rows = new ContactSheetRows(env.DB);
    this.#pngs = new SheetPngs(new EncodedFiles(env.BLOBS));
    void ctx.blockConcurrencyWhile(async () => {
      this.#sheet = (await ctx.storage.get<NewSheet>('sheet')) ?? null;
      this.#isRemoved = (await ctx.storage.get<boolean>('isRemoved')) ?? false;
    });
  }

  /** Somebody is about to make its generations. Should nobody hear of them again, they are removed. */
  async begin(sheet: NewSheet): Promise<void> {
    await this.ctx.storage.put('sheet', sheet);
    this.#sheet = sheet;
    await this.ctx.storage.setAlarm(Date.now() + makingMs);
  }

  /** All of its generations are there: from now on it is a sheet. GONE: that came too late, or one was deleted already. */
  async accept(idempotency: IdempotencyKey | null): Promise<SheetAdmitted> {
    const sheet = await this.ctx.storage.get<NewSheet>('sheet');
    if (!sheet || this.#isRemoved) return 'GONE';
    this.#accepting = true;
    try {
      // Before the row: once that is there, whatever dies, somebody comes for it.
      await this.ctx.storage.setAlarm(Date.now() + standbyMs);
      const admitted = await this.#rows.admit(sheet, idempotency);
      if (admitted === 'ADMITTED') {
        await this.ctx.storage.put('isAccepted', true);
        await this.ctx.storage.setAlarm(Date.now());
      }
      return admitted;
    } finally {
      this.#accepting = false;
    }
  }

  /** Until it has ended, or for so many milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    while (this.#sheet !== null && Date.now() < until) await this.#watchers.next(until - Date.now());
  }

  /** Stops its generations, and draws what they have made. One that has ended is left as it is. */
  async cancel(): Promise<void> {
    const sheet = this.#sheet;
    if (sheet === null || this.#isRemoved) return;
    const generations = this.#generations();
    await inBatches(sheet.cells, id => generations.cancel(id));
    const cells = await cellsOf(sheet, generations);
    // What could not be stopped now is waited for.
    if (!cells?.every(({ status }) => hasEnded(status))) return;
    try {
      await this.#end(sheet, cells);
    } catch (error) {
      // They are stopped, which is what was asked for; the picture is the alarm's.
      await this.#tryAgain(error);
    }
  }

  /** Removes it with its generations; a crash only interrupts that. */
  async remove(id: string, cells: readonly string[]): Promise<void> {
    this.#isRemoved = true;
    this.#sheet = { id, cells };
    await this.ctx.storage.put({ sheet: this.#sheet, isRemoved: true });
    await this.ctx.storage.setAlarm(Date.now() + standbyMs);
    await this.#removeAll(this.#sheet);
  }

  override async alarm(): Promise<void> {
    const sheet = this.#sheet;
    if (sheet === null || this.#working) return;
    if (this.#accepting) return this.ctx.storage.setAlarm(Date.now() + standbyMs);
    this.#working = true;
    try {
      await this.ctx.storage.setAlarm(Date.now() + standbyMs);
      if (this.#isRemoved) return await this.#removeAll(sheet);
      const row = await this.#rows.find(sheet.id);
      if (row && !row.end) return await this.#follow(sheet);
      // One of its generations was deleted: the others are no longer anybody's part.
      if (row || (await this.ctx.storage.get<boolean>('isAccepted'))) return await this.#forget();
      // Whoever was to make it has died.
      await this.remove(sheet.id, sheet.cells);
    } catch (error) {
      await this.#tryAgain(error);
    } finally {
      this.#working = false;
    }
  }

  async #tryAgain(error: unknown): Promise<void> {
    logUnexpected(error, 'contact sheet');
    await this.ctx.storage.setAlarm(Date.now() + retryMs);
  }

  /** Waits for its generations, one after the other, and ends with the last. */
  async #follow(sheet: Pick<NewSheet, 'id' | 'cells'>): Promise<void> {
    const until = Date.now() + followingMs;
    const generations = this.#generations();
    for (const id of sheet.cells) {
      for (let isOver = false; !isOver; ) {
        const left = until - Date.now();
        if (this.#sheet === null || this.#isRemoved) return;
        if (left <= 0) return this.ctx.storage.setAlarm(Date.now());
        const state = (await generations.wait(id, Math.min(left, questionMs))) ?? (await generations.find(id));
        // It is being deleted: the next alarm will find it so.
        if (state === null) return;
        isOver = hasEnded(state.status);
      }
    }
    const cells = await cellsOf(sheet, generations);
    if (cells) await this.#end(sheet, cells);
  }

  /** However many see it coming. */
  #end(sheet: Pick<NewSheet, 'id'>, cells: readonly GenerationState[]): Promise<void> {
    this.#ending ??= this.#draw(sheet, cells).finally(() => {
      this.#ending = null;
    });
    return this.#ending;
  }

  async #draw({ id }: Pick<NewSheet, 'id'>, cells: readonly GenerationState[]): Promise<void> {
    const row = await this.#rows.find(id);
    if (row && !row.end) {
      const end = await this.#drawnEnd(row, cells);
      if (end === null) return this.ctx.storage.setAlarm(Date.now() + retryMs);
      const isEnd = await this.#rows.finish(id, end);
      if (!isEnd && end.picture) await this.#pngs.drop(end.picture);
    }
    // What is being removed still needs to know of what.
    if (!this.#isRemoved) await this.#forget();
  }

  /**
   * Null where an image has to be decoded anew and no backend does so now: that is nothing that went wrong, for as long as
   * generations wait for a backend too.
   * @throws whatever is in the way of an attempt
   */
  async #drawnEnd(row: SheetRow, cells: readonly GenerationState[]): Promise<SheetEnd | null> {
    const { storage } = this.ctx;
    const attempts = (await storage.get<number>('attempts')) ?? 0;
    if (attempts >= mostAttempts) return undrawable();
    // Before it: one that kills the object counts too.
    await storage.put('attempts', attempts + 1);
    try {
      return await drawnEnd(row, cells, this.#pictures(), this.#pngs);
    } catch (error) {
      if (!(error instanceof RetryLater)) throw error;
      const since = (await storage.get<number>('lacksBackendSince')) ?? Date.now();
      const { backendPatienceMs } = readConfiguration({ ...this.env });
      if (Date.now() - since >= backendPatienceMs) return undrawable(error);
      await storage.put({ attempts, lacksBackendSince: since });
      return null;
    }
  }

  async #removeAll({ id, cells }: Pick<NewSheet, 'id' | 'cells'>): Promise<void> {
    await createDeletion(this.env).contactSheet(id);
    const generations = this.#generations();
    await inBatches(cells, cell => generations.delete(cell));
    await this.#forget();
  }

  async #forget(): Promise<void> {
    this.#sheet = null;
    this.#isRemoved = false;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#watchers.changed();
  }

  #generations(): Pick<DurableGenerations, 'wait' | 'find' | 'findMany' | 'cancel' | 'delete'> {
    // Nothing that is asked of them here has an address.
    return createServices(this.env, readConfiguration({ ...this.env }), '').generations;
  }

  #pictures(): LatentPictures {
    const pool = new BackendPool(readConfiguration({ ...this.env }));
    return new LatentPictures(new LatentStore(this.env.BLOBS, this.env.DB), pool);
  }
}
