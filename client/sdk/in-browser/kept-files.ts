/**
 * Files kept in the browser from one visit to the next, by names that say what they hold, not where they came from: the
 * tokens in addresses may change. Where the browser keeps nothing (no Cache API: plain HTTP, Node), neither does this.
 */

/** As much of the Cache API as is used. */
interface CacheLike {
  match(name: string): Promise<Response | undefined>;
  put(name: string, response: Response): Promise<void>;
  delete(name: string): Promise<boolean>;
  keys(): Promise<readonly { readonly url: string }[]>;
}

const cacheName = 'darkroom-checkpoints';
/** Names in the Cache API are addresses; nobody is at this one. */
const addressOf = (name: string) => `https://checkpoints.invalid/${encodeURI(name)}`;

export class KeptFiles {
  readonly #cache: CacheLike | null;

  private constructor(cache: CacheLike | null) {
    this.#cache = cache;
  }

  static async open(): Promise<KeptFiles> {
    const { caches } = globalThis as { readonly caches?: { open(name: string): Promise<CacheLike> } };
    // A browser may have it and refuse it: in a private window, or where cookies are blocked.
    return new KeptFiles((await caches?.open(cacheName).catch(() => null)) ?? null);
  }

  /** @param bytes how long it must be; null: as it is */
  async get(name: string, bytes: number | null): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const response = await this.#cache?.match(addressOf(name));
      if (!response) return null;
      const kept = new Uint8Array(await response.arrayBuffer());
      if (bytes === null || kept.byteLength === bytes) return kept;
      await this.#cache?.delete(addressOf(name));
    } catch {
      // What cannot be read is fetched.
    }
    return null;
  }

  /** Deletes all whose names begin so. */
  async deleteUnder(beginning: string): Promise<void> {
    try {
      for (const { url } of (await this.#cache?.keys()) ?? []) {
        if (url.startsWith(addressOf(beginning))) await this.#cache?.delete(url);
      }
    } catch {
      // It only takes room.
    }
  }

  /** Keeps it if there is room. */
  async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#cache?.put(addressOf(name), new Response(bytes)).catch(() => undefined);
  }
}
