import type { Chunk } from './chunk.ts';

/** For every shard that runs in this isolate, all together. */
const MOST_BYTES = 48_000_000;
/** After so long without use a chunk makes way for others. */
const IDLE_MS = 60_000;

interface Kept {
  readonly version: number;
  readonly chunk: Chunk;
  usedAt: number;
}

/**
 * Chunks kept in memory. When it is full, chunks that are in use stay, and what finds no room is read from storage for
 * each search: searches go through everything, so that throwing out what was used longest ago would keep nothing.
 */
export class CodeMemory {
  readonly #most: number;
  readonly #now: () => number;
  /** Longest unused first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(most = MOST_BYTES, now: () => number = Date.now) {
    this.#most = most;
    this.#now = now;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Null for one that is not kept, or not as it is now. */
  get(name: string, version: number): Chunk | null {
    const kept = this.#kept.get(name);
    if (!kept) return null;
    if (kept.version !== version) {
      this.#drop(name, kept);
      return null;
    }
    kept.usedAt = this.#now();
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    return kept.chunk;
  }

  /** Keeps a chunk where there is room for it. It must not change any more. */
  keep(name: string, version: number, chunk: Chunk): void {
    const before = this.#kept.get(name);
    if (before) this.#drop(name, before);
    const size = chunk.bytes.byteLength;
    for (const [other, kept] of this.#kept) {
      if (this.#bytes + size <= this.#most || this.#now() - kept.usedAt < IDLE_MS) break;
      this.#drop(other, kept);
    }
    if (this.#bytes + size > this.#most) return;
    this.#kept.set(name, { version, chunk, usedAt: this.#now() });
    this.#bytes += size;
  }

  #drop(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#bytes -= kept.chunk.bytes.byteLength;
  }
}
