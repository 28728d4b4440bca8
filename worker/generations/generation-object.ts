import { DurableObject } from 'cloudflare:workers';
import type { Failure, GenerationState, PreviewState, WatchedGeneration } from '../../schema/context.ts';
import { createApproximate } from '../approximate/create.ts';
import { decideSource } from '../approximate/decide-source.ts';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import type { LeftOver } from '../deletion/deletion.ts';
import { Uses } from '../deletion/uses.ts';
import type { DevelopmentObject } from '../developments/development-object.ts';
import { textKeys } from '../developments/encodings-of-job.ts';
import { leftOverOf } from '../developments/left-over.ts';
import type { Report } from '../developments/report.ts';
import type { DispatcherObject } from '../dispatch/dispatcher-object.ts';
import { theDispatcher } from '../dispatch/the-dispatcher.ts';
import type { Place } from '../dispatch/ticket.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { imageId } from '../images/image-id.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { createCheckpoints } from '../services.ts';
import { webhookFetch } from '../webhooks/webhook-fetch.ts';
import { type Attempts, oneMore } from './attempts.ts';
import { deliverOnce, nextDeliveryAfter } from './deliveries.ts';
import { hasEnded, interrupted } from './ending.ts';
import { type Admission, type Admitted, GenerationRows } from './generation-rows.ts';
import { type Job, mayReuse, recipeOf } from './job.ts';
import { makeNextImage } from './next-image.ts';
import { previewOf } from './preview.ts';
import { cancelled, failed, queued } from './progress.ts';
import { ticketOf } from './ticket-of.ts';
import { Watchers } from './watchers.ts';

/** Who waits for a backend asks so often whether it is still known there. */
const watchdogMs = 30_000;
/** While it works, an alarm stands ready for whoever goes on after a crash. */
const standbyMs = 5_000;
/** When the end did not reach the row: how long until it is tried again. */
const rowRetryMs = 30_000;
/** How long one question waits for news. */
const watchMs = 10_000;
/** Its place in the queue changes without its doing. */
const placeEveryMs = 1_000;

export type Started =
  | { readonly kind: Exclude<Admitted, 'ADMITTED'> }
  | { readonly kind: 'ACCEPTED'; readonly state: GenerationState };

/**
 * One generation: it owns the work and its state, and knows who waits for news.
 *
 * The work runs in alarms, which outlive the request that asked for it and come again when the process dies; what was made
 * by then is kept by the developments, and gone on with. Between two images, and before the first, it waits with a ticket
 * until the dispatcher calls it; an alarm watches over that the dispatcher knows of it.
 */
export class GenerationObject extends DurableObject<Env> {
  /** As in storage, or newer while the work runs; null before `start`. */
  #state: GenerationState | null = null;
  #starting = false;
  #working = false;
  /** Nobody wants the work any more. */
  #isStopped = false;
  /** The ticket whose turn it is. */
  #turn: string | null = null;
  /** Made once, when somebody looks, of the step at which it came. */
  #preview: { readonly of: Report['preview']; readonly step: number; state?: Promise<PreviewState | null> } = {
    of: null,
    step: 0,
  };
  #place: Place | null = null;
  readonly #rows: GenerationRows;
  /** Settles with the last row, saved or not. */
  #lastRow: Promise<boolean> = Promise.resolve(true);
  /** There is one end. */
  #ending: Promise<void> | null = null;
  readonly #watchers = new Watchers();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#rows = new GenerationRows(env.DB);
    void ctx.blockConcurrencyWhile(async () => {
      this.#state = (await ctx.storage.get<GenerationState>('state')) ?? null;
    });
  }

  /** Begins a generation. Answers once it is on disk. */
  async start(id: string, job: Job, admission: Omit<Admission, 'ticket'>): Promise<Started> {
    if (this.#state !== null) return { kind: 'ACCEPTED', state: this.#state };
    const state = queued(id, job, new Date().toISOString());
    this.#starting = true;
    // Where it is not certain whether it was admitted, the row says.
    const isRowThere = async () => (await this.#rows.find(id)) !== null;
    try {
      const ticket = admission.work === null ? null : await ticketOf(job, id, 0, false);
      await this.ctx.storage.put({ job, state });
      this.#state = state;
      // Before the row: once that is there, whatever dies, somebody comes for it.
      await this.ctx.storage.setAlarm(Date.now() + (ticket ? watchdogMs : standbyMs));
      const admitted = await this.#rows.admit(state, { ...admission, ticket }).catch(async (error: unknown) => {
        if (await isRowThere()) return 'ADMITTED' as const;
        throw error;
      });
      if (admitted !== 'ADMITTED') {
        await this.#abandon();
        return { kind: admitted };
      }
      if (ticket === null || this.#turn !== null) await this.ctx.storage.setAlarm(Date.now());
      // Should it not be heard, the alarm says it again.
      if (ticket) this.ctx.waitUntil(this.#told(this.#dispatcher.enqueue(ticket)));
    } catch (error) {
      // Where that cannot be told now, the alarm finds out.
      if (!(await isRowThere().catch(() => true))) await this.#abandon();
      throw error;
    } finally {
      this.#starting = false;
    }
    return { kind: 'ACCEPTED', state };
  }

  /**
   * The dispatcher calls: it is a ticket's turn.
   * @param failure why it will never be
   */
  async proceed(ticket: string, failure: Failure | null): Promise<void> {
    const state = this.#state;
    if (state === null || hasEnded(state.status) || ticket !== imageId(state.id, state.images.length)) {
      await this.#dispatcher.leave(ticket);
      return;
    }
    if (failure) {
      this.#isStopped = true;
      await this.#letGo(state);
      await this.#lookForCheckpoints();
      return this.#finish(failed(this.#state ?? state, failure, new Date().toISOString()));
    }
    this.#turn = ticket;
    if (!this.#working) await this.ctx.storage.setAlarm(Date.now());
  }

  /** The newest state; null for a generation that never began. */
  async snapshot(): Promise<GenerationState | null> {
    await this.#goOnIfAbandoned();
    await this.#askPlace();
    return this.#shown();
  }

  /** The state when it ends, or after so many milliseconds. */
  async wait(milliseconds: number): Promise<GenerationState | null> {
    await this.#goOnIfAbandoned();
    const until = Date.now() + milliseconds;
    while (this.#state !== null && !hasEnded(this.#state.status) && Date.now() < until) {
      await this.#watchers.next(until - Date.now());
    }
    return this.#shown();
  }

  /** See `GenerationService.watch`. */
  async watch(seen: number): Promise<WatchedGeneration | null> {
    await this.#goOnIfAbandoned();
    const until = Date.now() + watchMs;
    for (;;) {
      await this.#askPlace();
      if (this.#state === null || this.#watchers.version > seen || Date.now() >= until) break;
      const every = this.#state.status === 'QUEUED' ? placeEveryMs : watchMs;
      await this.#watchers.next(Math.min(every, until - Date.now()));
    }
    const { version } = this.#watchers;
    const state = await this.#shown();
    return state && { state, version };
  }

  /** Stops the work; one that has ended is left as it is. Images that are ready stay. */
  async cancel(): Promise<GenerationState | null> {
    const state = this.#state;
    if (state === null || hasEnded(state.status)) return state;
    this.#isStopped = true;
    await this.#letGo(state);
    await this.#finish(cancelled(this.#state ?? state, new Date().toISOString()));
    return this.#state;
  }

  /**
   * Stops the work and forgets all of it. The row is for others to delete.
   * @returns what the image that was being made may leave behind; null where none was
   */
  async delete(): Promise<LeftOver | null> {
    const state = this.#state;
    const job = await this.ctx.storage.get<Job>('job');
    this.#isStopped = true;
    let leftOver: LeftOver | null = null;
    if (state !== null && job && !hasEnded(state.status)) {
      leftOver = await leftOverOf(job, state.images.length);
      await this.#letGo(state);
    }
    await this.#lastRow;
    await this.ctx.storage.deleteAlarm();
    await this.#forget();
    this.#watchers.changed();
    return leftOver;
  }

  override async alarm(): Promise<void> {
    if (this.#working || this.#state === null) return;
    if (this.#starting) return this.ctx.storage.setAlarm(Date.now() + standbyMs);
    this.#working = true;
    let state: GenerationState | null;
    try {
      // It may be about to end: then there is nothing left to make.
      await this.#ending?.catch(() => {});
      state = this.#state;
      if (state && hasEnded(state.status)) await this.#followUp(state);
      else if (state) await this.#work();
    } finally {
      this.#working = false;
    }
    // It was called meanwhile.
    state = this.#state;
    if (state && !hasEnded(state.status) && this.#turn === imageId(state.id, state.images.length)) {
      await this.ctx.storage.setAlarm(Date.now());
    }
  }

  /** One image after the other, until one needs a backend: for that it waits. An alarm may not run longer than 15 minutes. */
  async #work(): Promise<void> {
    let job = await this.ctx.storage.get<Job>('job');
    if (!job) return;
    await this.ctx.storage.setAlarm(Date.now() + standbyMs);
    if (!(await this.#isAdmitted())) return this.#abandon();
    const uses = new Uses(this.env.DB);
    for (;;) {
      job = await this.#decided(job);
      if (this.#isStopped) return;
      const first: GenerationState = this.#state!;
      const ticket = await ticketOf(job, first.id, first.images.length, first.step > 0 || first.images.length > 0);
      if (this.#turn !== ticket.id && !(await this.#isNextStored(job, first))) {
        await this.ctx.storage.setAlarm(Date.now() + watchdogMs);
        await this.#told(this.#dispatcher.enqueue(ticket));
        return;
      }
      // What it goes on from was decided after it began to wait: by now it may want what somebody else does.
      if (job.sources && this.#turn === ticket.id) await this.#told(this.#dispatcher.enqueue(ticket));
      const attempts = oneMore(await this.ctx.storage.get<Attempts>('attempts'), first);
      if (this.#isStopped) return;
      if (attempts === null) return this.#finish(failed(first, interrupted, new Date().toISOString()));
      await this.ctx.storage.put('attempts', attempts);
      const next: GenerationState | null = await makeNextImage(
        job,
        first,
        ticket,
        { watch: (order, waiter, seen) => this.#development(order.latentKey).watch(order, waiter, seen) },
        { holdImage: async (of, id, key) => uses.holdImage(id, key, await textKeys(of)) },
        {
          changed: (newer, preview) => this.#changed(newer, preview),
          isStopped: () => this.#isStopped,
        },
      );
      this.#turn = null;
      await this.#told(this.#dispatcher.leave(ticket.id));
      if (next === null || this.#isStopped) return;
      if (hasEnded(next.status)) {
        if (next.status === 'FAILED') await this.#lookForCheckpoints();
        return this.#finish(next);
      }
      this.#become(next, null);
      await this.ctx.storage.put('state', next);
    }
  }

  /** Whoever died before the row was written has accepted nothing. */
  async #isAdmitted(): Promise<boolean> {
    if (await this.ctx.storage.get<boolean>('isAdmitted')) return true;
    // Where it cannot be told now, it is told the next time.
    const row = await this.#rows.find(this.#state!.id).catch(() => undefined);
    if (row === undefined) return true;
    const isThere = row !== null;
    if (isThere) await this.ctx.storage.put('isAdmitted', true);
    return isThere;
  }

  async #abandon(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.#forget();
  }

  /** With what the next image goes on from. Kept before the work begins: begun again, it goes on from the same. */
  async #decided(job: Job): Promise<Job> {
    const state = this.#state!;
    const decided = await decideSource(job, state, createApproximate(this.env).chooser);
    if (this.#isStopped) {
      // The prompt may have been encoded for the choice: now it is nobody's.
      await createDeletion(this.env).leftOver(await leftOverOf(job, state.images.length));
      return job;
    }
    if (decided === null) return job;
    this.#state = { ...state, parameters: decided.parameters };
    await this.ctx.storage.put({ job: decided, state: this.#state });
    return decided;
  }

  /** Whether the next image is there: then no backend has to make it. */
  async #isNextStored(job: Job, { images }: GenerationState): Promise<boolean> {
    const { score } = job.parameters;
    if (!mayReuse(job.parameters)) return false;
    const { BLOBS, DB } = this.env;
    const kept = await new LatentStore(BLOBS, DB).intact(await latentKey(recipeOf(job, images.length)));
    return Boolean(kept?.hasPixels) && !(score && kept!.score === null);
  }

  /** The image that is being made is wanted no longer: its backend stops at the next step if nobody else wants it. */
  async #letGo(state: GenerationState): Promise<void> {
    const job = await this.ctx.storage.get<Job>('job');
    if (!job) return;
    const index = state.images.length;
    const development = this.#development(await latentKey(recipeOf(job, index)));
    const waiter = imageId(state.id, index);
    await Promise.all([
      development.leave(waiter).catch((error: unknown) => logUnexpected(error, 'development')),
      this.#told(this.#dispatcher.leave(waiter)),
    ]);
  }

  #development(key: string): DurableObjectStub<DevelopmentObject> {
    return this.env.DEVELOPMENTS.getByName(key);
  }

  get #dispatcher(): DurableObjectStub<DispatcherObject> {
    return this.env.DISPATCHER.getByName(theDispatcher);
  }

  /** The dispatcher may be down: the watchdog says it again. */
  async #told(told: Promise<unknown>): Promise<void> {
    await told.catch((error: unknown) => void logUnexpected(error, 'dispatch'));
  }

  /** Kept at every step, so that progress is not lost with the process; the row only where its status changes. */
  #changed(state: GenerationState, preview: Report['preview']): void {
    if (this.#isStopped) return;
    const before = this.#state?.status;
    this.#become(state, preview);
    void this.ctx.storage.put('state', state);
    if (before !== state.status) this.ctx.waitUntil(this.#saveRow(state));
  }

  #become(state: GenerationState, preview: Report['preview']): void {
    this.#state = state;
    if (preview !== this.#preview.of) this.#preview = { of: preview, step: state.step };
    if (state.status !== 'QUEUED') this.#place = null;
    this.#watchers.changed();
  }

  /** A backend may have come back with another checkpoint: the next request should be made for that one. */
  async #lookForCheckpoints(): Promise<void> {
    try {
      await createCheckpoints(this.env, readConfiguration({ ...this.env })).refresh();
    } catch (error) {
      logUnexpected(error, 'checkpoints');
    }
  }

  /** The first end stays, however many see it coming. */
  #finish(state: GenerationState): Promise<void> {
    this.#ending ??= this.#tellEnd(state).catch(error => {
      this.#ending = null;
      throw error;
    });
    return this.#ending;
  }

  /** The end is told when it is everywhere. */
  async #tellEnd(state: GenerationState): Promise<void> {
    const { webhook = null } = (await this.ctx.storage.get<Job>('job')) ?? {};
    // What was deleted meanwhile has no end.
    if (this.#state === null) return;
    const end = webhook === null ? state : { ...state, webhookAttempts: [] };
    await this.ctx.storage.put('state', end);
    // Whatever interrupts what follows, the alarm comes for it.
    await this.ctx.storage.setAlarm(Date.now());
    const isSaved = await this.#saveRow(end);
    if (this.#state === null) return;
    await this.ctx.storage.put('isRowSaved', isSaved);
    if (this.#state !== null) this.#become(end, null);
  }

  /** What is left to do after the end. */
  async #followUp(state: GenerationState): Promise<void> {
    // Whatever goes wrong in here is tried again.
    await this.ctx.storage.setAlarm(Date.now() + rowRetryMs);
    const due: number[] = [];
    if (!(await this.ctx.storage.get<boolean>('isRowSaved'))) {
      const isSaved = await this.#saveRow(state);
      await this.ctx.storage.put('isRowSaved', isSaved);
      if (!isSaved) due.push(rowRetryMs);
    }
    const next = await this.#deliver(state);
    if (next !== null) due.push(next);
    await this.#letGoOfSpares(state);
    if (due.length > 0) await this.ctx.storage.setAlarm(Date.now() + Math.min(...due));
    else await this.ctx.storage.deleteAlarm();
  }

  /** @returns milliseconds until there is something to deliver again */
  async #deliver(state: GenerationState): Promise<number | null> {
    const { webhook: url = null } = (await this.ctx.storage.get<Job>('job')) ?? {};
    const { webhookSecret: secret } = readConfiguration({ ...this.env });
    if (url === null || secret === null || !state.webhookAttempts) return null;
    const dueAt = (await this.ctx.storage.get<number>('deliverAt')) ?? 0;
    if (Date.now() < dueAt) return dueAt - Date.now();
    // It may have been told the last time, before a crash: telling it twice is better than not at all.
    if (nextDeliveryAfter(state.webhookAttempts) === null) {
      // The last attempt may not have reached the row.
      await this.#rows.noteDeliveries(state.id, state.webhookAttempts);
      return null;
    }
    const webhookAttempts = await deliverOnce(state, { url, secret, fetch: webhookFetch(this.env) });
    if (this.#state === null) return null;
    const next = nextDeliveryAfter(webhookAttempts);
    const told = { ...state, webhookAttempts };
    await this.ctx.storage.put({ state: told, deliverAt: Date.now() + (next ?? 0) });
    this.#become(told, null);
    await this.#rows.noteDeliveries(state.id, webhookAttempts);
    return next;
  }

  async #letGoOfSpares({ id, parameters, images }: GenerationState): Promise<void> {
    if (parameters.keep == null) return;
    await new Uses(this.env.DB).keepImages(
      id,
      images.map(image => image.latentKey),
    );
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

  /** Where it waits, and how long; a change is news. */
  async #askPlace(): Promise<void> {
    const state = this.#state;
    if (state === null || hasEnded(state.status)) return;
    const place = await this.#dispatcher.place(imageId(state.id, state.images.length)).catch((error: unknown) => {
      logUnexpected(error, 'dispatch');
      return null;
    });
    if (this.#state !== state) return;
    const hasMoved = (place?.position ?? null) !== (this.#place?.position ?? null);
    this.#place = place;
    if (hasMoved) this.#watchers.changed();
  }

  /** The state with all that is not kept. */
  async #shown(): Promise<GenerationState | null> {
    const state = this.#state;
    if (state === null || hasEnded(state.status)) return state;
    const { of, step } = this.#preview;
    if (of) this.#preview.state ??= previewOf(of, step, state.parameters);
    const preview = (await this.#preview.state) ?? null;
    const { position = null, etaMs = null } = this.#place ?? {};
    return { ...state, queuePosition: position, etaMs, preview };
  }

  async #forget(): Promise<void> {
    this.#state = null;
    await this.ctx.storage.deleteAll();
  }

  /** Unfinished, with neither work nor an alarm that will bring it: nothing else would ever go on with it. */
  async #goOnIfAbandoned(): Promise<void> {
    const isBusy = () => this.#starting || this.#working || this.#ending !== null;
    if (this.#state === null || hasEnded(this.#state.status) || isBusy()) return;
    if ((await this.ctx.storage.getAlarm()) === null && !isBusy()) await this.ctx.storage.setAlarm(Date.now());
  }
}
