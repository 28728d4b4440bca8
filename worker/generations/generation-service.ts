import type { GenerationRequest, GenerationService, GenerationState, GenerationStatus } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import type { SourceChooser } from '../approximate/source-chooser.ts';
import { type BackendPool, queueFull } from '../backends/pool.ts';
import type { Deletion } from '../deletion/deletion.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { StartPixels } from '../starts/start-pixels.ts';
import { hasEnded, interrupted } from './ending.ts';
import { isGenerationId, newGenerationId } from './generation-id.ts';
import type { GenerationObject } from './generation-object.ts';
import { type GenerationRows, type RowPage, unfinished } from './generation-rows.ts';
import { type Job, jobOf, mayReuse, recipeOf } from './job.ts';
import { failed } from './progress.ts';

/** How many are accepted while no backend answers. They wait for one, though not for long. */
const placesUnseen = 16;
/** How many may be unfinished where one comes that takes no place of its own. */
const placesBeside = 1_000;

export interface DurableGenerationsOptions {
  readonly objects: DurableObjectNamespace<GenerationObject>;
  readonly rows: GenerationRows;
  readonly pool: Pick<BackendPool, 'survey'>;
  readonly latents: Pick<LatentStore, 'save' | 'intact'>;
  readonly chooser: Pick<SourceChooser, 'decided'>;
  readonly deletion: Pick<Deletion, 'generation' | 'removeUnused'>;
  readonly starts: Pick<StartPixels, 'save'>;
  /** Learns what the backends have. */
  readonly refreshCheckpoints: () => Promise<void>;
  readonly logPrompts: boolean;
}

/** Generations, each in an object of its own; rows find them. */
export class DurableGenerations implements GenerationService {
  readonly #options: DurableGenerationsOptions;

  constructor(options: DurableGenerationsOptions) {
    this.#options = options;
  }

  /**
   * Accepts no more than the backends take: what would wait beside them would wait for long, asking them all the time.
   * @throws RetryLater QUEUE_FULL
   * @throws RequestError NOT_FOUND for a checkpoint that no backend has any more, or a latent to start from that is gone
   */
  async create(request: GenerationRequest): Promise<GenerationState> {
    const { objects, deletion, logPrompts } = this.#options;
    const id = newGenerationId();
    const keys = await latentKeysOf(jobOf(request));
    const isReady = await this.#isReady(request, keys);
    const { reuse } = request.parameters;
    // Whoever wants everything computed has work of its own, and who goes on from others' steps not that of who does not.
    const asked = reuse === 'APPROXIMATE' ? [reuse, ...keys] : keys;
    const work = mayReuse(request.parameters) ? await sha256(asked.join()) : id;
    if (!isReady && request.startContent === null) await this.#expectStart(request);
    const places = isReady ? 0 : await this.#places(request, work);
    const job = jobOf(request, await this.#storeStart(request));
    const state = await objects.getByName(id).start(id, job, places, isReady ? null : work);
    if (state === null) {
      await this.#expectStart(request);
      // Of what is not accepted nothing stays.
      if (request.startContent?.kind === 'LATENT') await deletion.removeUnused(request.parameters.start!.latentKey);
      await this.#lookAfterOldest();
      throw queueFull();
    }
    if (logPrompts) console.log(JSON.stringify({ level: 'info', generation: id, prompt: request.prompt }));
    return state;
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

  /** How many may be at work. What somebody else waits for already needs no backend of its own. */
  async #places({ card }: GenerationRequest, work: string): Promise<number> {
    const { pool, rows, refreshCheckpoints } = this.#options;
    if (await rows.isUnderWay(work)) return placesBeside;
    const { places, isFull, isGone } = await pool.survey(card.digest);
    if (isGone) {
      await refreshCheckpoints();
      throw new RequestError('NOT_FOUND', `There is no checkpoint ${JSON.stringify(card.name)} any more`);
    }
    if (isFull && !(await rows.isUnderWay(work))) throw queueFull();
    return places ?? placesUnseen;
  }

  /** @returns where the picture is that it starts from, null where there is none */
  async #storeStart({ card, parameters, startContent }: GenerationRequest): Promise<string | null> {
    const { starts, latents } = this.#options;
    if (startContent?.kind === 'PIXELS') return starts.save(startContent.pixels, startContent.digest);
    if (startContent?.kind === 'LATENT') {
      const { latentKey: key } = parameters.start!;
      const { latent } = startContent;
      await latents.save({ key, latent, pixels: null, checkpointDigest: card.digest });
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

  async wait(id: string, milliseconds: number): Promise<GenerationState | null> {
    if (!isGenerationId(id)) return null;
    try {
      return await this.#options.objects.getByName(id).wait(milliseconds);
    } catch (error) {
      // The object was restarted. It goes on without us: better an answer from before than none.
      logUnexpected(error, 'generation wait');
      return this.#options.rows.find(id);
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
