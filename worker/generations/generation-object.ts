import { DurableObject } from 'cloudflare:workers';
import type { GenerationState } from '../../schema/context.ts';
import { createApproximate } from '../approximate/create.ts';
import { decideSource } from '../approximate/decide-source.ts';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import type { LeftOver } from '../deletion/deletion.ts';
import { Uses } from '../deletion/uses.ts';
import type { DevelopmentObject } from '../developments/development-object.ts';
import { textKeys } from '../developments/encodings-of-job.ts';
import { leftOverOf } from '../developments/left-over.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { imageId } from '../images/image-id.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { createCheckpoints } from '../services.ts';
import { hasEnded, interrupted } from './ending.ts';
import { GenerationRows } from './generation-rows.ts';
import { type Job, mayReuse, recipeOf } from './job.ts';
import { makeNextImage } from './next-image.ts';
import { failed, queued } from './progress.ts';

/** When the end did not reach the row: how long until it is tried again. */
const rowRetryMs = 30_000;

/**
 * One generation: it owns the work and its state, and knows who waits for its end.
 *
 * The work runs in alarms, which outlive the request that asked for it and come again when the process dies: an image
 * that a backend had begun by then is told to have failed, what was only waiting waits again, and nothing stays
 * unfinished for ever. One alarm makes one image, for an alarm may not run longer than 15 minutes; what is there already
 * takes no time.
 */
export class GenerationObject extends DurableObject<Env> {
  /** As in storage, or newer while the work runs; null before `start`. */
  #state: GenerationState | null = null;
  #starting = false;
  #working = false;
  #deleted = false;
  readonly #rows: GenerationRows;
  /** Settles with the last row, saved or not. */
  #lastRow: Promise<boolean> = Promise.resolve(true);
  /** There is one end. */
  #ending: Promise<void> | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#rows = new GenerationRows(env.DB);
    void ctx.blockConcurrencyWhile(async () => {
      this.#state = (await ctx.storage.get<GenerationState>('state')) ?? null;
    });
  }

  /**
   * Begins a generation. Answers once it is on disk.
   * @param places as many may be unfinished that ask for something else
   * @param work what it asks for; null where all of it is there
   * @returns null when there are so many
   */
  async start(id: string, job: Job, places: number, work: string | null): Promise<GenerationState | null> {
    if (this.#state !== null) return this.#state;
    const state = queued(id, job, new Date().toISOString());
    this.#starting = true;
    try {
      await this.ctx.storage.put({ job, state });
      this.#state = state;
      const isAdmitted = await this.#rows.admit(state, places, work, job.startPixels ?? '');
      // Last: what cannot be found is not worth working on.
      if (isAdmitted) await this.ctx.storage.setAlarm(Date.now());
      else await this.#forget();
    } catch (error) {
      await this.#forget();
      throw error;
    } finally {
      this.#starting = false;
    }
    return this.#state;
  }

  /** The newest state; null for a generation that never began. */
  async snapshot(): Promise<GenerationState | null> {
    await this.#endIfAbandoned();
    return this.#state;
  }

  /** The state when it ends, or after so many milliseconds. */
  async wait(milliseconds: number): Promise<GenerationState | null> {
    await this.#endIfAbandoned();
    if (this.#state !== null && !hasEnded(this.#state.status) && milliseconds > 0) {
      await new Promise<void>(resolve => {
        const done = () => {
          clearTimeout(timer);
          this.#waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        this.#waiting.add(done);
      });
    }
    return this.#state;
  }

  /**
   * Stops the work and forgets all of it. The row is for others to delete.
   * @returns what the image that was being made may leave behind; null where none was
   */
  async delete(): Promise<LeftOver | null> {
    const state = this.#state;
    const job = await this.ctx.storage.get<Job>('job');
    this.#deleted = true;
    for (const done of [...this.#waiting]) done();
    let leftOver: LeftOver | null = null;
    if (state !== null && job && !hasEnded(state.status)) {
      const index = state.images.length;
      const development = this.#development(await latentKey(recipeOf(job, index)));
      leftOver = await leftOverOf(job, index);
      await development.leave(imageId(state.id, index)).catch((error: unknown) => logUnexpected(error, 'development'));
    }
    await this.#lastRow;
    await this.ctx.storage.deleteAlarm();
    await this.#forget();
    return leftOver;
  }

  override async alarm(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      await this.#work();
    } finally {
      this.#working = false;
    }
  }

  async #work(): Promise<void> {
    if (this.#state === null) return;
    if (hasEnded(this.#state.status)) {
      await this.#saveLastRow(this.#state);
      return this.#letGoOfSpares(this.#state);
    }
    let job = await this.ctx.storage.get<Job>('job');
    if (!job) return;
    if ((await this.ctx.storage.get<boolean>('begun')) && !(await this.#isNextStored(job, this.#state)))
      return this.#end(this.#failedByInterruption(this.#state));
    const uses = new Uses(this.env.DB);
    let hasBegun = false;
    do {
      job = await this.#decided(job);
      if (this.#deleted) return;
      const next: GenerationState | null = await makeNextImage(
        job,
        this.#state,
        { watch: (order, waiter, seen) => this.#development(order.latentKey).watch(order, waiter, seen) },
        { holdImage: async (of, id, key) => uses.holdImage(id, key, await textKeys(of)) },
        {
          begun: () => {
            hasBegun = true;
            void this.ctx.storage.put('begun', true);
          },
          changed: newer => this.#changed(newer),
          isStopped: () => this.#deleted,
        },
      );
      if (next === null || this.#deleted) return;
      if (hasEnded(next.status)) return this.#finish(next);
      this.#state = next;
      await this.ctx.storage.put({ state: next, begun: false });
    } while (!hasBegun);
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** With what the next image goes on from. Kept before the work begins: begun again, it goes on from the same. */
  async #decided(job: Job): Promise<Job> {
    const state = this.#state!;
    const decided = await decideSource(job, state, createApproximate(this.env).chooser);
    if (this.#deleted) {
      // The prompt may have been encoded for the choice: now it is nobody's.
      await createDeletion(this.env).leftOver(await leftOverOf(job, state.images.length));
      return job;
    }
    if (decided === null) return job;
    this.#state = { ...state, parameters: decided.parameters };
    await this.ctx.storage.put({ job: decided, state: this.#state });
    return decided;
  }

  async #finish(state: GenerationState): Promise<void> {
    // The end first: whatever interrupts what follows, the alarm comes again for it.
    await this.#end(state);
    await this.#letGoOfSpares(state);
    // A backend may have come back with another checkpoint: the next request should be made for that one.
    if (state.status === 'FAILED') await createCheckpoints(this.env, readConfiguration({ ...this.env })).refresh();
  }

  async #letGoOfSpares({ id, parameters, images }: GenerationState): Promise<void> {
    if (parameters.keep == null) return;
    await new Uses(this.env.DB).keepImages(
      id,
      images.map(image => image.latentKey),
    );
  }

  /** Whether the interrupted image was made all the same: then no backend has to begin with it again. */
  async #isNextStored(job: Job, { images }: GenerationState): Promise<boolean> {
    const { score } = job.parameters;
    if (!mayReuse(job.parameters)) return false;
    const { BLOBS, DB } = this.env;
    const kept = await new LatentStore(BLOBS, DB).intact(await latentKey(recipeOf(job, images.length)));
    return Boolean(kept?.hasPixels) && !(score && kept!.score === null);
  }

  #development(key: string): DurableObjectStub<DevelopmentObject> {
    return this.env.DEVELOPMENTS.getByName(key);
  }

  /** Kept at every step, so that progress is not lost with the process; the row only where its status changes. */
  #changed(state: GenerationState): void {
    if (this.#deleted) return;
    const before = this.#state?.status;
    this.#state = state;
    void this.ctx.storage.put('state', state);
    if (before !== state.status) this.ctx.waitUntil(this.#saveRow(state));
  }

  /** The first end stays, however many see it coming. */
  #end(state: GenerationState): Promise<void> {
    this.#ending ??= this.#tellEnd(state).catch(error => {
      this.#ending = null;
      throw error;
    });
    return this.#ending;
  }

  /** The end is told when it is everywhere. */
  async #tellEnd(state: GenerationState): Promise<void> {
    if (this.#deleted) return;
    await this.ctx.storage.put('state', state);
    await this.#saveLastRow(state);
    this.#state = state;
    for (const done of [...this.#waiting]) done();
  }

  async #saveLastRow(state: GenerationState): Promise<void> {
    if (!(await this.#saveRow(state))) await this.ctx.storage.setAlarm(Date.now() + rowRetryMs);
  }

  /** One after the other: an older row must not come last. */
  #saveRow(state: GenerationState): Promise<boolean> {
    this.#lastRow = this.#lastRow.then(async () => {
      try {
        await this.#rows.save(state);
        return true;
      } catch (error) {
        // This object still knows; whoever reads the row of an unfinished generation asks here.
        logUnexpected(error, 'generation row');
        return false;
      }
    });
    return this.#lastRow;
  }

  async #forget(): Promise<void> {
    this.#state = null;
    await this.ctx.storage.deleteAll();
  }

  /** Unfinished, with neither work nor an alarm that will bring it: nothing would ever end it. */
  async #endIfAbandoned(): Promise<void> {
    const isBusy = () => this.#starting || this.#working;
    if (this.#state === null || hasEnded(this.#state.status) || isBusy()) return;
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    if (!isBusy() && !hasEnded(this.#state.status)) await this.#end(this.#failedByInterruption(this.#state));
  }

  #failedByInterruption(state: GenerationState): GenerationState {
    return failed(state, interrupted, new Date().toISOString());
  }
}
