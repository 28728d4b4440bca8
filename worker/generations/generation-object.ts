import { DurableObject } from 'cloudflare:workers';
import type { GenerationState } from '../../schema/context.ts';
import { BackendPool } from '../backends/pool.ts';
import { readConfiguration } from '../configuration.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { createCheckpoints } from '../services.ts';
import { hasEnded, interrupted } from './ending.ts';
import { GenerationRows } from './generation-rows.ts';
import type { Job } from './job.ts';
import { failed, queued } from './progress.ts';
import { runJob } from './run-job.ts';

/**
 * One generation: it owns the work and its state, and knows who waits for its end.
 *
 * The work runs in the alarm, which outlives the request that asked for it and comes again when the process dies: a
 * generation that had begun by then is told to have failed, and none stays unfinished for ever.
 */
export class GenerationObject extends DurableObject<Env> {
  /** As in storage, or newer while the work runs; null before `start`. */
  #state: GenerationState | null = null;
  #starting = false;
  #working = false;
  readonly #rows: GenerationRows;
  /** Settles with the last row that was saved. */
  #lastRow: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#rows = new GenerationRows(env.DB);
    void ctx.blockConcurrencyWhile(async () => {
      this.#state = (await ctx.storage.get<GenerationState>('state')) ?? null;
    });
  }

  /** Begins a generation. Answers once it is on disk. */
  async start(id: string, job: Job): Promise<GenerationState> {
    if (this.#state !== null) return this.#state;
    const state = queued(id, job, new Date().toISOString());
    this.#starting = true;
    try {
      await this.ctx.storage.put({ job, state });
      this.#state = state;
      await this.#rows.save(state);
      // Last: what cannot be found is not worth working on.
      await this.ctx.storage.setAlarm(Date.now());
    } catch (error) {
      this.#state = null;
      await this.ctx.storage.deleteAll();
      throw error;
    } finally {
      this.#starting = false;
    }
    return state;
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

  override async alarm(): Promise<void> {
    const job = await this.ctx.storage.get<Job>('job');
    if (!job || this.#state === null || hasEnded(this.#state.status) || this.#working) return;
    if (await this.ctx.storage.get<boolean>('begun')) return this.#end(this.#failedByInterruption(this.#state));
    this.#working = true;
    try {
      await this.ctx.storage.put('begun', true);
      const configuration = readConfiguration({ ...this.env });
      const pool = new BackendPool(configuration);
      const latents = new LatentStore(this.env.BLOBS, this.env.DB);
      const end = await runJob(job, this.#state, pool, latents, state => this.#changed(state));
      await this.#end(end);
      // A backend may have come back with another checkpoint: the next request should be made for that one.
      if (end.status === 'FAILED') await createCheckpoints(this.env, configuration, pool).refresh();
    } finally {
      this.#working = false;
    }
  }

  /** Kept at every step, so that progress is not lost with the process; the row only where its status changes. */
  #changed(state: GenerationState): void {
    const before = this.#state?.status;
    // The end is told when it is everywhere.
    if (hasEnded(state.status)) return;
    this.#state = state;
    void this.ctx.storage.put('state', state);
    if (before !== state.status) this.ctx.waitUntil(this.#saveRow(state));
  }

  async #end(state: GenerationState): Promise<void> {
    await this.ctx.storage.put('state', state);
    await this.#lastRow;
    await this.#saveRow(state);
    this.#state = state;
    for (const done of [...this.#waiting]) done();
  }

  /** One after the other: an older row must not come last. */
  #saveRow(state: GenerationState): Promise<void> {
    this.#lastRow = this.#lastRow.then(async () => {
      try {
        await this.#rows.save(state);
      } catch (error) {
        // This object still knows; whoever reads the row of an unfinished generation asks here.
        logUnexpected(error, 'generation row');
      }
    });
    return this.#lastRow;
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
