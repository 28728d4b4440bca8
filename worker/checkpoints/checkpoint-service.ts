import { type CheckpointService, RetryLater } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { CheckpointReference } from '../../wire/readiness.ts';
import type { BackendPool } from '../backends/pool.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { CardStore } from './card-store.ts';
import type { CheckpointRows } from './checkpoint-rows.ts';

/** How soon to ask again when no backend has ever answered: one that starts is there in seconds. */
const retryAfterMs = 2_000;

/** Checkpoints as the backends publish them. Once one is known, it is answered for without asking a backend. */
export class PublishedCheckpoints implements CheckpointService {
  readonly #rows: CheckpointRows;
  readonly #cards: CardStore;
  readonly #pool: BackendPool;
  readonly defaultName: string | null;

  constructor(rows: CheckpointRows, cards: CardStore, pool: BackendPool, defaultName: string | null) {
    this.#rows = rows;
    this.#cards = cards;
    this.#pool = pool;
    this.defaultName = defaultName;
  }

  async list(): Promise<readonly CheckpointCard[]> {
    const cards = await Promise.all((await this.#known()).map(({ digest }) => this.#cards.find(digest)));
    return cards.filter(card => card !== null);
  }

  async find(name: string | null): Promise<CheckpointCard | null> {
    const known = await this.#known();
    const wanted = name ?? this.defaultName;
    // Names may come again with other weights: the first is the one that was seen last.
    const found = wanted === null ? known[0] : known.find(checkpoint => checkpoint.name === wanted);
    return found ? this.#cards.find(found.digest) : null;
  }

  async findByDigest(digest: string): Promise<CheckpointCard | null> {
    if (!/^[0-9a-f]{64}$/.test(digest) || !(await this.#rows.has(digest))) return null;
    return this.#cards.find(digest);
  }

  async loaded(): Promise<ReadonlySet<string> | null> {
    const ready = await this.#pool.ready();
    if (ready.length === 0) return null;
    const checkpoints = ready.flatMap(({ readiness }) => readiness.checkpoints);
    return new Set(checkpoints.filter(each => each.loaded).map(({ digest }) => digest));
  }

  /** Asks every backend what it has, and for the cards that are new. Backends that do not answer are left out. */
  async refresh(): Promise<void> {
    const ready = await this.#pool.ready();
    const seen = new Map<string, CheckpointReference>();
    let complete = ready.length === this.#pool.size;
    for (const { client, readiness } of ready) {
      for (const checkpoint of readiness.checkpoints) {
        try {
          // A card from before there were browser's files says less than the backend may by now.
          if ((await this.#cards.find(checkpoint.digest))?.browser === undefined) {
            await this.#cards.save(await client.card(checkpoint.digest));
          }
          if (!seen.has(checkpoint.digest)) seen.set(checkpoint.digest, checkpoint);
        } catch (error) {
          // It went away between two questions, or does not take this server's secret: the log tells which.
          logUnexpected(error, 'checkpoint card');
          complete = false;
        }
      }
    }
    if (ready.length > 0) await this.#rows.seen([...seen.values()], complete);
  }

  /** The default one first, where it is among them. @throws RetryLater when there is none and no backend answers */
  async #known(): Promise<CheckpointReference[]> {
    let known = await this.#rows.list();
    if (known.length === 0) {
      await this.refresh();
      known = await this.#rows.list();
    }
    if (known.length === 0)
      throw new RetryLater('BACKEND_UNAVAILABLE', 'No GPU backend has answered yet', retryAfterMs);
    const at = known.findIndex(({ name }) => name === this.defaultName);
    return at > 0 ? [known[at]!, ...known.toSpliced(at, 1)] : known;
  }
}
