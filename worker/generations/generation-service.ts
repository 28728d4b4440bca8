import type { GenerationRequest, GenerationService, GenerationState, GenerationStatus } from '../../schema/context.ts';
import type { BackendPool } from '../backends/pool.ts';
import { hasEnded, interrupted } from './ending.ts';
import { isGenerationId, newGenerationId } from './generation-id.ts';
import type { GenerationObject } from './generation-object.ts';
import type { GenerationRows, RowPage } from './generation-rows.ts';
import { jobOf } from './job.ts';
import { failed } from './progress.ts';

/** Generations, each in an object of its own; rows find them. */
export class DurableGenerations implements GenerationService {
  readonly #objects: DurableObjectNamespace<GenerationObject>;
  readonly #rows: GenerationRows;
  readonly #pool: BackendPool;
  readonly #logPrompts: boolean;

  constructor(
    objects: DurableObjectNamespace<GenerationObject>,
    rows: GenerationRows,
    pool: BackendPool,
    logPrompts: boolean,
  ) {
    this.#objects = objects;
    this.#rows = rows;
    this.#pool = pool;
    this.#logPrompts = logPrompts;
  }

  /** @throws RetryLater QUEUE_FULL */
  async create(request: GenerationRequest): Promise<GenerationState> {
    await this.#pool.refuseWhenFull();
    const id = newGenerationId();
    if (this.#logPrompts) console.log(JSON.stringify({ level: 'info', generation: id, prompt: request.prompt }));
    return this.#objects.getByName(id).start(id, jobOf(request));
  }

  async find(id: string): Promise<GenerationState | null> {
    if (!isGenerationId(id)) return null;
    const row = await this.#rows.find(id);
    return row && this.#newest(row);
  }

  isId(text: string): boolean {
    return isGenerationId(text);
  }

  async wait(id: string, milliseconds: number): Promise<GenerationState | null> {
    return isGenerationId(id) ? this.#objects.getByName(id).wait(milliseconds) : null;
  }

  async list(page: RowPage): Promise<readonly GenerationState[]> {
    return Promise.all((await this.#rows.list(page)).map(row => this.#newest(row)));
  }

  count(status: readonly GenerationStatus[] | null): Promise<number> {
    return this.#rows.count(status);
  }

  /** While a generation runs its row lags behind: then its object is asked, so that no reader sees progress go down. */
  async #newest(row: GenerationState): Promise<GenerationState> {
    if (hasEnded(row.status)) return row;
    const state =
      (await this.#objects.getByName(row.id).snapshot()) ?? failed(row, interrupted, new Date().toISOString());
    // It has ended since, or its last words did not reach the row.
    if (hasEnded(state.status)) await this.#rows.save(state);
    return state;
  }
}
