import {
  type CreatedGeneration,
  type GenerationRequest,
  type GenerationService,
  type GenerationState,
  type GenerationStatus,
  RetryLater,
  type WatchedGeneration,
} from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import type { SourceChooser } from '../approximate/source-chooser.ts';
import type { Deletion } from '../deletion/deletion.ts';
import type { DispatcherObject } from '../dispatch/dispatcher-object.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { StartPixels } from '../starts/start-pixels.ts';
import { type AddressRules, addressIssue } from '../webhooks/webhook-address.ts';
import { hasEnded, interrupted } from './ending.ts';
import { isGenerationId, newGenerationId } from './generation-id.ts';
import type { GenerationObject } from './generation-object.ts';
import { type GenerationRows, type RowPage, unfinished } from './generation-rows.ts';
import { type IdempotencyKey, idempotencyKey, usedBefore } from './idempotency.ts';
import { type Job, jobOf, mayReuse, recipeOf } from './job.ts';
import { failed } from './progress.ts';

/** When to come back where the dispatcher cannot tell. */
const unseenRoomAfterMs = 2_000;

export interface DurableGenerationsOptions {
  readonly objects: DurableObjectNamespace<GenerationObject>;
  readonly dispatcher: Pick<DurableObjectStub<DispatcherObject>, 'roomAfterMs'>;
  readonly rows: GenerationRows;
  readonly latents: Pick<LatentStore, 'save' | 'intact'>;
  readonly chooser: Pick<SourceChooser, 'decided'>;
  readonly deletion: Pick<Deletion, 'generation' | 'removeUnused'>;
  readonly starts: Pick<StartPixels, 'save'>;
  /** So many may be unfinished that ask for different things. */
  readonly backlog: number;
  readonly webhooks: { readonly hasSecret: boolean } & AddressRules;
  readonly logPrompts: boolean;
}

/** Generations, each in an object of its own; rows find them. */
export class DurableGenerations implements GenerationService {
  readonly #options: DurableGenerationsOptions;

  constructor(options: DurableGenerationsOptions) {
    this.#options = options;
  }

  get takesWebhooks(): boolean {
    return this.#options.webhooks.hasSecret;
  }

  webhookIssue(address: string): string | null {
    return addressIssue(address, this.#options.webhooks);
  }

  /**
   * Accepts no more than the backlog holds.
   * @param given what was decided before: its id, and where the picture was put that it starts from
   * @throws RetryLater QUEUE_FULL
   * @throws RequestError NOT_FOUND for a latent to start from that is gone, IDEMPOTENCY_CONFLICT
   */
  async create(
    request: GenerationRequest,
    given: { readonly id?: string; readonly startPixels?: string | null } = {},
  ): Promise<CreatedGeneration> {
    const { objects, deletion, logPrompts, backlog } = this.#options;
    const asIs = jobOf(request);
    const idempotency = request.idempotency && (await idempotencyKey(asIs.caller!, request.idempotency));
    const replayed = idempotency && (await this.#replayed(idempotency));
    if (replayed) return replayed;
    const id = given.id ?? newGenerationId();
    const keys = await latentKeysOf(asIs);
    const isReady = await this.#isReady(request, keys);
    const { reuse } = request.parameters;
    // Whoever wants everything computed has work of its own, and who goes on from others' steps not that of who does not.
    const asked = reuse === 'APPROXIMATE' ? [reuse, ...keys] : keys;
    const work = mayReuse(request.parameters) ? await sha256(asked.join()) : id;
    if (!isReady && request.startContent === null) await this.#expectStart(request);
    const job = jobOf(request, given.startPixels ?? (await this.#storeStart(request)));
    const admission = { places: backlog, work: isReady ? null : work, startBlob: job.startPixels ?? '', idempotency };
    const started = await objects.getByName(id).start(id, job, admission);
    if (started.kind === 'ACCEPTED') {
      if (logPrompts) console.log(JSON.stringify({ level: 'info', generation: id, prompt: request.prompt }));
      return { state: started.state, replayed: false };
    }
    // Of what is not accepted nothing stays.
    if (request.startContent?.kind === 'LATENT') await deletion.removeUnused(request.parameters.start!.latentKey);
    const first = idempotency && (await this.#replayed(idempotency));
    if (first) return first;
    if (request.startContent === null) await this.#expectStart(request);
    await this.#lookAfterOldest();
    throw await this.#queueFull();
  }

  /** What an idempotency key was used for. @throws RequestError IDEMPOTENCY_CONFLICT, NOT_FOUND */
  async #replayed(used: IdempotencyKey): Promise<CreatedGeneration | null> {
    const id = await usedBefore(this.#options.rows, used);
    if (id === null) return null;
    const state = await this.find(id);
    if (state === null) throw new RequestError('NOT_FOUND', 'The generation of this idempotency key was deleted');
    return { state, replayed: true };
  }

  async #queueFull(): Promise<RetryLater> {
    const retryAfterMs = await this.#options.dispatcher.roomAfterMs().catch(() => unseenRoomAfterMs);
    const message = `${this.#options.backlog} generations wait already, as many as this server lets wait`;
    return new RetryLater('QUEUE_FULL', message, retryAfterMs);
  }

  /** Whether all of it is there: then no backend need be. */
  async #isReady(request: GenerationRequest, keys: readonly string[]): Promise<boolean> {
    const { parameters } = request;
    if (!mayReuse(parameters)) return false;
    const { latents, chooser } = this.#options;
    const goesOn = parameters.reuse === 'APPROXIMATE' && !parameters.isSeedDrawn;
    for (const [index, key] of keys.entries()) {
      let kept = await latents.intact(key);
      if (kept === null && goesOn) {
        const decided = await chooser.decided(jobOf(request), index);
        kept = decided && (await latents.intact(decided.latentKey));
      }
      if (!kept?.hasPixels || (parameters.score && kept.score === null)) return false;
    }
    return true;
  }

  /** @throws RequestError NOT_FOUND where it starts from a latent that was deleted meanwhile, or is damaged */
  async #expectStart({ parameters: { start } }: GenerationRequest): Promise<void> {
    if (start?.from !== 'LATENT' || (await this.#options.latents.intact(start.latentKey)) !== null) return;
    throw new RequestError('NOT_FOUND', `There is no latent ${start.latentKey} any more to start from`);
  }

  /** @returns where the picture is that it starts from, null where there is none */
  async #storeStart({ card, parameters, startContent }: GenerationRequest): Promise<string | null> {
    const { starts, latents } = this.#options;
    if (startContent?.kind === 'PIXELS') return starts.save(startContent.pixels, startContent.digest);
    if (startContent?.kind === 'LATENT') {
      const { latentKey: key } = parameters.start!;
      const { latent } = startContent;
      await latents.save({ key, latent, pixels: null, checkpointDigest: card.digest, origin: 'SENT' });
    }
    return null;
  }

  isId(text: string): boolean {
    return isGenerationId(text);
  }

  async find(id: string): Promise<GenerationState | null> {
    if (!isGenerationId(id)) return null;
    const row = await this.#options.rows.find(id);
    return row && this.#newest(row);
  }

  async findMany(ids: readonly string[]): Promise<ReadonlyMap<string, GenerationState>> {
    const rows = await this.#options.rows.findMany(ids.filter(isGenerationId));
    return new Map(await Promise.all(rows.map(async row => [row.id, await this.#newest(row)] as const)));
  }

  async delete(id: string): Promise<boolean> {
    if (!isGenerationId(id)) return false;
    const { objects, rows, deletion } = this.#options;
    if ((await rows.find(id)) === null) return false;
    const leftOver = await objects.getByName(id).delete();
    return deletion.generation(id, leftOver);
  }

  async cancel(id: string): Promise<GenerationState | null> {
    if (!isGenerationId(id)) return null;
    const { objects, rows } = this.#options;
    const row = await rows.find(id);
    if (row === null || hasEnded(row.status)) return row;
    return (await objects.getByName(id).cancel()) ?? row;
  }

  async watch(id: string, seen: number): Promise<WatchedGeneration | null> {
    if (!isGenerationId(id)) return null;
    const { rows, objects } = this.#options;
    // Only what is known to be there is asked again and again without a look at its row.
    const row = seen === 0 ? await rows.find(id) : null;
    if (seen === 0 && row === null) return null;
    // What its object has forgotten, or never told, its row knows.
    if (row && hasEnded(row.status)) return { state: row, version: Number.MAX_SAFE_INTEGER };
    return objects.getByName(id).watch(seen);
  }

  async wait(id: string, milliseconds: number): Promise<GenerationState | null> {
    if (!isGenerationId(id)) return null;
    try {
      return await this.#options.objects.getByName(id).wait(milliseconds);
    } catch (error) {
      // The object was restarted. It goes on without us: better an answer from before than none.
      logUnexpected(error, 'generation wait');
      return this.find(id);
    }
  }

  /** Rows lag behind: what has moved on to another status since is left out, and the page filled from what follows. */
  async list(page: RowPage): Promise<readonly GenerationState[]> {
    const { status, limit, reverse } = page;
    const found: GenerationState[] = [];
    for (let from = page; ; ) {
      const rows = await this.#options.rows.list(from);
      const states = await Promise.all(rows.map(row => this.#newest(row)));
      found.push(...states.filter(state => status === null || status.includes(state.status)));
      if (found.length >= limit || rows.length < limit) return found.slice(0, limit);
      const last = rows.at(-1)!.id;
      from = { ...page, ...(reverse ? { before: last } : { after: last }) };
    }
  }

  count(status: readonly GenerationStatus[] | null): Promise<number> {
    return this.#options.rows.count(status);
  }

  /**
   * While a generation runs its row lags behind: then its object is asked, so that no reader sees progress go down. An
   * object that cannot answer must not hide the others: then the row has to do.
   */
  async #newest(row: GenerationState): Promise<GenerationState> {
    if (hasEnded(row.status)) return row;
    const { objects, rows } = this.#options;
    let state = row;
    try {
      state = (await objects.getByName(row.id).snapshot()) ?? failed(row, interrupted, new Date().toISOString());
      // It has ended since, or its last words did not reach the row.
      if (hasEnded(state.status)) await rows.save(state);
    } catch (error) {
      logUnexpected(error, 'generation snapshot');
    }
    return state;
  }

  /** Unfinished rows keep others out: one that nobody works on any more must not do so for ever. */
  async #lookAfterOldest(): Promise<void> {
    const oldest = { status: unfinished, limit: 1, after: null, before: null, reverse: true };
    for (const row of await this.#options.rows.list(oldest)) await this.#newest(row);
  }
}

/** Of all its images. */
function latentKeysOf(job: Job): Promise<string[]> {
  return Promise.all(Array.from({ length: job.parameters.count }, (_, index) => latentKey(recipeOf(job, index))));
}
