import { DurableObject } from 'cloudflare:workers';
import type { CheckpointCard } from '../../wire/card.ts';
import { BackendClient } from '../../wire/client.ts';
import { createApproximate } from '../approximate/create.ts';
import { BackendPool } from '../backends/pool.ts';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import { theDispatcher } from '../dispatch/the-dispatcher.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { failureOf, stageOf } from '../generations/ending.ts';
import { mayReuse } from '../generations/job.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { createSimilarity } from '../similarity/create.ts';
import type { MadeVectors } from '../similarity/spaces.ts';
import type { TokenIds } from '../similarity/text-vectors.ts';
import { StartPixels } from '../starts/start-pixels.ts';
import type { Backends } from './backend-work.ts';
import { type DevelopmentStores, developImage, type ImageOrder } from './develop-image.ts';
import { Development, type Snapshot } from './development.ts';
import { KeptProgress } from './kept-progress.ts';
import { leftOverOf } from './left-over.ts';
import { reportBefore } from './report.ts';
import { TextEncoding } from './text-encoding.ts';

export interface Order extends ImageOrder {
  readonly latentKey: string;
}

/** What was made for somebody who never came back is kept so long. */
const keptMs = 24 * 60 * 60_000;
/** Of those who want everything computed each has progress of its own; all others share theirs. */
const sharedProgress = 'shared';

/**
 * One for each key of a latent, or of what a prompt is compared by: all who want that at the same time meet here, and it is
 * computed once.
 */
export class DevelopmentObject extends DurableObject<Env> {
  #open: Development | null = null;
  /** Of everybody who has not been told the end yet. */
  readonly #of = new Map<string, Development>();
  readonly #text = new TextEncoding();
  /** By whose progress it is: settles when the last one that began is at work with it no more. */
  readonly #tidied = new Map<string, Promise<void>>();

  /**
   * Wants an image, or goes on waiting for it. Answers as soon as there is news, or after a while.
   * @param waiter who is to ask again until there is an outcome, or to leave
   * @param seen version of the last answer, 0 before the first
   */
  async watch(order: Order, waiter: string, seen: number): Promise<Snapshot> {
    const before = this.#of.get(waiter);
    // Who was taken for gone comes anew: what it had waited for may have been stopped.
    const isStill = before?.has(waiter) ?? false;
    const development = isStill ? before! : this.#join(order, waiter);
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
  #join(order: Order, waiter: string): Development {
    const isShared = mayReuse(order.job.parameters);
    if (isShared && this.#open?.isOpen) return this.#open;
    const development = this.#begin(order, isShared ? sharedProgress : waiter);
    if (isShared) this.#open = development;
    return development;
  }

  /** Nobody has asked for long: what is kept of work that was interrupted is nobody's. */
  override async alarm(): Promise<void> {
    if (this.#of.size > 0) await this.ctx.storage.setAlarm(Date.now() + keptMs);
    else await this.ctx.storage.deleteAll();
  }

  #begin(order: Order, progressOf: string): Development {
    const { job } = order;
    const progress = new KeptProgress(this.ctx.storage, progressOf);
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
      progress,
    };
    const before = this.#tidied.get(progressOf);
    const development = new Development(
      reportBefore(job),
      async (signal, tell) => {
        await before;
        return developImage(order, this.#backends(), stores, signal, tell);
      },
      (error, report) => failureOf(error, report.isStoring ? 'STORE' : stageOf(report, job)),
    );
    this.ctx.waitUntil(this.ctx.storage.setAlarm(Date.now() + keptMs));
    const tidied = development.ended.then(() => this.#tidy(development, order, progress));
    this.#tidied.set(progressOf, tidied);
    this.ctx.waitUntil(tidied.then(() => this.#tidied.get(progressOf) === tidied && this.#tidied.delete(progressOf)));
    return development;
  }

  #backends(): Backends {
    const { backendSecret: secret, backendSilenceMs: silenceMs } = readConfiguration({ ...this.env });
    // Anew for every call: one that has failed once may fail for ever.
    const dispatcher = () => this.env.DISPATCHER.getByName(theDispatcher);
    return {
      take: ticket => dispatcher().take(ticket),
      renew: (ticket, lease, step) => dispatcher().renew(ticket, lease, step),
      ended: (turn, address, report) => dispatcher().ended(turn, address, report),
      client: url => new BackendClient({ url, secret }),
      silenceMs,
    };
  }

  /** What was made when its last waiter had left, to be deleted perhaps, is nobody's. */
  async #tidy(development: Development, { job, index }: Order, progress: KeptProgress): Promise<void> {
    if (this.#open === development) this.#open = null;
    try {
      // Whoever was only taken for gone may come back for it.
      if (development.isFailed && !development.isSilent) await progress.clear();
      if (!development.isAbandoned) return;
      await createDeletion(this.env).leftOver(await leftOverOf(job, index));
    } catch (error) {
      logUnexpected(error, 'abandoned latent');
    }
  }
}
