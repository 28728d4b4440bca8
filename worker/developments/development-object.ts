import { DurableObject } from 'cloudflare:workers';
import type { CheckpointCard } from '../../wire/card.ts';
import { createApproximate } from '../approximate/create.ts';
import { BackendPool } from '../backends/pool.ts';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { failureOf, stageOf } from '../generations/ending.ts';
import { type Job, mayReuse } from '../generations/job.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { createSimilarity } from '../similarity/create.ts';
import type { MadeVectors } from '../similarity/spaces.ts';
import type { TokenIds } from '../similarity/text-vectors.ts';
import { StartPixels } from '../starts/start-pixels.ts';
import { type DevelopmentStores, developImage, reportBefore } from './develop-image.ts';
import { Development, type Snapshot } from './development.ts';
import { leftOverOf } from './left-over.ts';
import { TextEncoding } from './text-encoding.ts';

export interface Order {
  readonly job: Job;
  readonly index: number;
  readonly latentKey: string;
}

/**
 * One for each key of a latent, or of what a prompt is compared by: all who want that at the same time meet here, and it is
 * computed once.
 */
export class DevelopmentObject extends DurableObject<Env> {
  #open: Development | null = null;
  /** Of everybody who has not been told the end yet. */
  readonly #of = new Map<string, Development>();
  readonly #text = new TextEncoding();

  /**
   * Wants an image, or goes on waiting for it. Answers as soon as there is news, or after a while.
   * @param waiter who is to ask again until there is an outcome, or to leave
   * @param seen version of the last answer, 0 before the first
   */
  async watch(order: Order, waiter: string, seen: number): Promise<Snapshot> {
    const before = this.#of.get(waiter);
    // Who was taken for gone comes anew: what it had waited for may have been stopped.
    const isStill = before?.has(waiter) ?? false;
    const development = isStill ? before! : this.#join(order);
    this.#of.set(waiter, development);
    const snapshot = await development.watch(waiter, isStill ? seen : 0);
    if (snapshot.outcome) this.#of.delete(waiter);
    return snapshot;
  }

  /** What a prompt is compared by, in the object of its key. Null where it was never encoded and no backend does so now. */
  ofText(card: CheckpointCard, tokenIds: TokenIds): Promise<MadeVectors | null> {
    const pool = new BackendPool(readConfiguration({ ...this.env }));
    return this.#text.join(() => createSimilarity(this.env, pool).vectors.ofText(card, tokenIds));
  }

  async leave(waiter: string): Promise<void> {
    this.#of.get(waiter)?.leave(waiter);
    this.#of.delete(waiter);
  }

  /** Those who want everything computed wait for nobody else's work, and nobody for theirs. */
  #join(order: Order): Development {
    const isShared = mayReuse(order.job.parameters);
    if (isShared && this.#open?.isOpen) return this.#open;
    const development = this.#begin(order);
    if (isShared) this.#open = development;
    return development;
  }

  #begin({ job, index }: Order): Development {
    const pool = new BackendPool(readConfiguration({ ...this.env }));
    const store = new LatentStore(this.env.BLOBS, this.env.DB);
    const { latents } = createSimilarity(this.env, pool);
    const stores: DevelopmentStores = {
      latents: {
        save: made => latents.save(made),
        tensor: key => store.tensor(key),
        pixels: key => store.pixels(key),
        intact: key => store.intact(key),
        keepPixels: (key, pixels) => store.keepPixels(key, pixels),
        keepScore: (key, score) => store.keepScore(key, score),
      },
      encodings: new EncodingStore(this.env.BLOBS, this.env.DB),
      starts: new StartPixels(this.env.BLOBS),
      runs: createApproximate(this.env, pool).runs,
    };
    const development = new Development(
      reportBefore(job),
      (signal, tell) => developImage(job, index, pool, stores, signal, tell),
      (error, report) => failureOf(error, report.isStoring ? 'STORE' : stageOf(report, job)),
    );
    this.ctx.waitUntil(development.ended.then(() => this.#tidy(development, job, index)));
    return development;
  }

  /** What was made when its last waiter had left, to be deleted perhaps, is nobody's. */
  async #tidy(development: Development, job: Job, index: number): Promise<void> {
    if (this.#open === development) this.#open = null;
    if (!development.isAbandoned) return;
    try {
      await createDeletion(this.env).leftOver(await leftOverOf(job, index));
    } catch (error) {
      logUnexpected(error, 'abandoned latent');
    }
  }
}
