import { DurableObject } from 'cloudflare:workers';
import { Candidates } from './candidates.ts';
import { Chunk, rowsPerChunk } from './chunk.ts';
import { CodeMemory } from './code-memory.ts';
import { nearestOf, type StoredVector } from './nearest.ts';
import { scan, scanQuery } from './scan.ts';
import { type IndexedVector, type Match, type NearestQuery, VectorError } from './similarity-index.ts';

/** What one read of vectors takes at most. */
const READ_BYTES = 1_000_000;

/** One for all shards: they share the isolate's memory. */
const memory = new CodeMemory();

/** What vectors take. */
export interface Size {
  readonly vectors: number;
  /** Codes that are kept in memory. */
  readonly bytesInMemory: number;
  readonly bytesOnDisk: number;
}

interface Layout extends Record<string, number> {
  readonly dimensions: number;
  /** Of a chunk. */
  readonly rows: number;
}

/**
 * A part of one collection's vectors: float32 in SQLite, and codes of eight bits a number, in SQLite by chunks and in
 * memory as far as there is room. Searching goes through all codes, which tell within what interval each cosine lies, and
 * then reads the few vectors that can be among the nearest. Nothing is approximate: codes only spare reading.
 *
 * A vector has a slot, and slot ÷ rows is the number of its chunk. Storage is the truth; what memory holds of it is
 * known by its version, for another instance of this object may have written since.
 */
export class SimilarityShard extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #name: string;
  /** Null before the first vector. */
  #layout: Layout | null;
  /** Versions of the chunks. */
  readonly #versions = new Map<number, number>();
  #newest = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#name = ctx.id.toString();
    for (const statement of schema) this.#sql.exec(statement);
    this.#layout = this.#sql.exec<Layout>('SELECT dimensions, rows FROM layout').toArray()[0] ?? null;
    for (const { number, version } of this.#sql.exec<ChunkRow>('SELECT number, version FROM chunks')) {
      this.#versions.set(number, version);
      this.#newest = Math.max(this.#newest, version);
    }
  }

  /** Puts vectors that were checked, all or none. @throws VectorError when they are not as long as those that are here */
  async put(vectors: readonly IndexedVector[]): Promise<void> {
    if (vectors.length === 0) return;
    const layout = this.#layoutFor(vectors[0]!.numbers.length);
    for (const { numbers } of vectors) this.#expectDimensions(numbers.length, layout);
    this.#change(layout, chunkOf => {
      this.#sql.exec(
        'INSERT OR REPLACE INTO layout (one, dimensions, rows) VALUES (1, ?, ?)',
        layout.dimensions,
        layout.rows,
      );
      for (const { id, numbers } of vectors) {
        const slot = this.#slotOf(id) ?? this.#freeSlot();
        this.#sql.exec('DELETE FROM free_slots WHERE slot = ?', slot);
        this.#sql.exec(
          'INSERT OR REPLACE INTO vectors (slot, id, numbers) VALUES (?, ?, ?)',
          slot,
          id,
          bytesOf(numbers),
        );
        chunkOf(slot).put(slot % layout.rows, numbers);
      }
    });
    this.#layout = layout;
  }

  async delete(ids: readonly string[]): Promise<void> {
    const layout = this.#layout;
    if (layout === null) return;
    this.#change(layout, chunkOf => {
      for (const id of ids) {
        const slot = this.#slotOf(id);
        if (slot === null) continue;
        this.#sql.exec('DELETE FROM vectors WHERE slot = ?', slot);
        this.#sql.exec('INSERT INTO free_slots (slot) VALUES (?)', slot);
        chunkOf(slot).clear(slot % layout.rows);
      }
    });
  }

  /** @throws VectorError when the query is not as long as the vectors */
  async nearest(query: NearestQuery): Promise<Match[]> {
    const layout = this.#layout;
    if (layout === null) return [];
    this.#expectDimensions(query.numbers.length, layout);
    const candidates = new Candidates(query.limit, query.minSimilarity ?? -1);
    const exceptSlot = query.except == null ? null : this.#slotOf(query.except);
    scan(scanQuery(query, exceptSlot), this.#chunks(layout), candidates);
    const most = Math.max(1, Math.floor(READ_BYTES / (4 * layout.dimensions)));
    return nearestOf(query, candidates.survivors(), most, slots => this.#read(slots));
  }

  async size(): Promise<Size> {
    const { vectors } = this.#sql.exec<{ vectors: number }>('SELECT COUNT(*) AS vectors FROM vectors').one();
    let bytesInMemory = 0;
    for (const [number, version] of this.#versions) {
      bytesInMemory += memory.get(this.#chunkName(number), version)?.bytes.byteLength ?? 0;
    }
    return { vectors, bytesInMemory, bytesOnDisk: this.#sql.databaseSize };
  }

  /** Changes chunks and rows together; memory follows when storage has them. */
  #change(layout: Layout, work: (chunkOf: (slot: number) => Chunk) => void): void {
    const changed = new Map<number, Chunk>();
    const version = this.#newest + 1;
    this.ctx.storage.transactionSync(() => {
      work(slot => {
        const number = Math.floor(slot / layout.rows);
        const chunk =
          changed.get(number) ?? this.#chunk(number, layout)?.copy() ?? Chunk.empty(layout.rows, layout.dimensions);
        changed.set(number, chunk);
        return chunk;
      });
      for (const [number, { bytes }] of changed) {
        this.#sql.exec(
          'INSERT OR REPLACE INTO chunks (number, version, codes) VALUES (?, ?, ?)',
          number,
          version,
          bytes,
        );
      }
    });
    this.#newest = version;
    for (const [number, chunk] of changed) {
      this.#versions.set(number, version);
      memory.keep(this.#chunkName(number), version, chunk);
    }
  }

  *#chunks(layout: Layout): Iterable<readonly [number, Chunk]> {
    for (const number of this.#versions.keys()) yield [number * layout.rows, this.#chunk(number, layout)!];
  }

  #chunk(number: number, { dimensions }: Layout): Chunk | null {
    const version = this.#versions.get(number);
    if (version === undefined) return null;
    const name = this.#chunkName(number);
    const kept = memory.get(name, version);
    if (kept) return kept;
    const { codes } = this.#sql.exec<ChunkRow>('SELECT codes FROM chunks WHERE number = ?', number).one();
    const chunk = new Chunk(codes, dimensions);
    memory.keep(name, version, chunk);
    return chunk;
  }

  *#read(slots: readonly number[]): Iterable<StoredVector> {
    // One text of all slots: there may be more of them than a statement has parameters.
    const read = 'SELECT id, numbers FROM vectors WHERE slot IN (SELECT value FROM json_each(?))';
    for (const { id, numbers } of this.#sql.exec<VectorRow>(read, JSON.stringify(slots))) {
      yield { id, numbers: new Float32Array(numbers) };
    }
  }

  #slotOf(id: string): number | null {
    return this.#sql.exec<{ slot: number }>('SELECT slot FROM vectors WHERE id = ?', id).toArray()[0]?.slot ?? null;
  }

  #freeSlot(): number {
    const free = `SELECT COALESCE((SELECT MIN(slot) FROM free_slots), (SELECT MAX(slot) + 1 FROM vectors), 0) AS slot`;
    return this.#sql.exec<{ slot: number }>(free).one().slot;
  }

  #layoutFor(dimensions: number): Layout {
    return this.#layout ?? { dimensions, rows: rowsPerChunk(dimensions) };
  }

  #expectDimensions(found: number, { dimensions }: Layout): void {
    if (found !== dimensions) throw new VectorError(`a vector of ${found} numbers among those of ${dimensions}`);
  }

  #chunkName(number: number): string {
    return `${this.#name}/${number}`;
  }
}

interface ChunkRow extends Record<string, number | ArrayBuffer> {
  readonly number: number;
  readonly version: number;
  readonly codes: ArrayBuffer;
}

interface VectorRow extends Record<string, string | ArrayBuffer> {
  readonly id: string;
  readonly numbers: ArrayBuffer;
}

/** As a blob is bound: without what else the buffer may hold. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

const schema = [
  'CREATE TABLE IF NOT EXISTS layout (one INTEGER PRIMARY KEY, dimensions INTEGER NOT NULL, rows INTEGER NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS vectors (slot INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, numbers BLOB NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS free_slots (slot INTEGER PRIMARY KEY) STRICT',
  'CREATE TABLE IF NOT EXISTS chunks (number INTEGER PRIMARY KEY, version INTEGER NOT NULL, codes BLOB NOT NULL) STRICT',
];
