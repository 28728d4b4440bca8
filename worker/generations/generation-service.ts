import type { GenerationRequest, GenerationService, GenerationState, GenerationStatus } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import { type BackendPool, queueFull } from '../backends/pool.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { StartPixels } from '../starts/start-pixels.ts';
import { hasEnded, interrupted } from './ending.ts';
import { isGenerationId, newGenerationId } from './generation-id.ts';
import type { GenerationObject } from './generation-object.ts';
import { type GenerationRows, type RowPage, unfinished } from './generation-rows.ts';
import { jobOf } from './job.ts';
import { failed } from './progress.ts';

/** How many are accepted while no backend answers. They wait for one, though not for long. */
const placesUnseen = 16;

export interface DurableGenerationsOptions {
  readonly objects: DurableObjectNamespace<GenerationObject>;
  readonly rows: GenerationRows;
  readonly pool: Pick<BackendPool, 'survey'>;
  readonly latents: Pick<LatentStore, 'save'>;
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
   * @throws RequestError NOT_FOUND for a checkpoint that no backend has any more
   */
  async create(request: GenerationRequest): Promise<GenerationState> {
    const { objects, pool, refreshCheckpoints, logPrompts } = this.#options;
    const { places, isFull, isGone } = await pool.survey(request.card.digest);
    if (isGone) {
      await refreshCheckpoints();
      throw new RequestError('NOT_FOUND', `There is no checkpoint ${JSON.stringify(request.card.name)} any more`);
    }
    if (isFull) throw queueFull();
    const id = newGenerationId();
    const job = jobOf(request, await this.#storeStart(request));
    const state = await objects.getByName(id).start(id, job, places ?? placesUnseen);
    if (state === null) {
      await this.#lookAfterOldest();
      throw queueFull();
    }
    if (logPrompts) console.log(JSON.stringify({ level: 'info', generation: id, prompt: request.prompt }));
    return state;
  }

  /** @returns where the picture is that it starts from, null where there is none */
  async #storeStart({ card, parameters, startContent }: GenerationRequest): Promise<string | null> {
    const { starts, latents } = this.#options;
    if (startContent?.kind === 'PIXELS') return starts.save(startContent.pixels, startContent.digest);
    if (startContent?.kind === 'LATENT') {
      const { latentKey: key } = parameters.start!;
      const { latent } = startContent;
      await latents.save({ key, latent, pixels: null, checkpointDigest: card.digest, generationId: null });
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
