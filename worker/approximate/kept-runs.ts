import type { Tensor } from '../../models/runtime.ts';
import { type Job, type JobSource, seedOf } from '../generations/job.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { TextVectors } from '../similarity/text-vectors.ts';
import { keptSteps } from './kept-steps.ts';
import { scopeOf } from './scope.ts';
import type { SourceStore } from './source-store.ts';
import { placedText } from './source-texts.ts';

export interface KeptRunsOptions {
  readonly sources: Pick<SourceStore, 'keep' | 'read'>;
  readonly vectors: Pick<TextVectors, 'find'>;
  /** How much room there is for x_t, in bytes: without any, none are kept. */
  readonly room: number;
}

/** What a run leaves for others to go on from, and what it goes on from itself. */
export class KeptRuns {
  readonly #options: KeptRunsOptions;

  constructor(options: KeptRunsOptions) {
    this.#options = options;
  }

  /** After which steps a backend is to hand out x_t. */
  stepsOf(job: Job): readonly number[] {
    return this.#options.room > 0 ? keptSteps(job) : [];
  }

  /**
   * Keeps what a backend has handed out. It is only there to save work: that it cannot be kept is no reason to fail.
   * @param key of the latent, which is kept already
   */
  async keep(job: Job, index: number, key: string, made: ReadonlyMap<string, Tensor>): Promise<void> {
    const tensors = Object.fromEntries([...made].filter(([name]) => /^at_\d+(_|$)/.test(name)));
    if (Object.keys(tensors).length === 0) return;
    try {
      const { checkpointDigest, report } = job;
      const [scope, vectors] = await Promise.all([
        scopeOf(job),
        this.#options.vectors.find(checkpointDigest, report.modelTokenIds),
      ]);
      const text = vectors && (await placedText(checkpointDigest, report.modelTokenIds, vectors));
      if (scope === null || !text) return;
      await this.#options.sources.keep({ key, scope, seed: seedOf(job, index).noiseSeed, text, tensors });
    } catch (error) {
      logUnexpected(error, 'kept steps');
    }
  }

  /** Null where it is gone, or cannot be read now: everything is computed then. */
  async read({ latentKey, step }: JobSource): Promise<Readonly<Record<string, Tensor>> | null> {
    try {
      return await this.#options.sources.read(latentKey, step);
    } catch (error) {
      logUnexpected(error, 'kept steps');
      return null;
    }
  }
}
