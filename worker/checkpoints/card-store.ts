/**
 * Cards by digest: in memory, else in KV, else in R2, where they are kept. What a card says never changes; a backend may
 * come to say more.
 */
import type { CheckpointCard } from '../../wire/card.ts';

/** Cards of large vocabularies take a megabyte: parsing one for every request would be felt. */
const maxInMemory = 8;
const inMemory = new Map<string, CheckpointCard>();

const blobName = (digest: string) => `cards/${digest}.json`;

export class CardStore {
  readonly #blobs: R2Bucket;
  readonly #hot: KVNamespace;

  constructor(blobs: R2Bucket, hot: KVNamespace) {
    this.#blobs = blobs;
    this.#hot = hot;
  }

  async find(digest: string): Promise<CheckpointCard | null> {
    const known = inMemory.get(digest);
    if (known) return known;
    const name = blobName(digest);
    let card = await this.#hot.get<CheckpointCard>(name, 'json');
    if (card === null) {
      card = (await (await this.#blobs.get(name))?.json<CheckpointCard>()) ?? null;
      if (card !== null) await this.#hot.put(name, JSON.stringify(card));
    }
    if (card !== null) remember(card);
    return card;
  }

  async save(card: CheckpointCard): Promise<void> {
    await this.#blobs.put(blobName(card.digest), JSON.stringify(card));
    await this.#hot.put(blobName(card.digest), JSON.stringify(card));
    remember(card);
  }
}

function remember(card: CheckpointCard): void {
  inMemory.set(card.digest, card);
  const [oldest] = inMemory.keys();
  if (inMemory.size > maxInMemory) inMemory.delete(oldest!);
}
