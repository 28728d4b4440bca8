/** What the edge is bound to, as far as it uses it, in memory: for tests of a single part of it. */
import { DatabaseSync } from 'node:sqlite';
import { readMigrations, statements } from '../../scripts/state.ts';

/** D1 with every migration applied, over an SQLite that speaks the same language. */
export async function memoryD1(): Promise<D1Database> {
  const sqlite = new DatabaseSync(':memory:');
  for (const { sql } of await readMigrations()) for (const statement of statements(sql)) sqlite.exec(statement);
  /** What a batch does with each of its statements: at once, so that nothing comes between them. */
  const now = Symbol('at once');
  const statement = (sql: string, values: readonly (string | number | null)[]): D1PreparedStatement => {
    // A property, so that it stays with what is made of the statement.
    return Object.assign(prepared(sql, values), { [now]: () => sqlite.prepare(sql).all(...values) });
  };
  const prepared = (sql: string, values: readonly (string | number | null)[]): D1PreparedStatement => ({
    bind: (...given) => statement(sql, given),
    first: async <T>() => (sqlite.prepare(sql).get(...values) as T | undefined) ?? null,
    all: async <T>() => ({ results: sqlite.prepare(sql).all(...values) as T[] }),
    run: async () => ({ meta: { changes: Number(sqlite.prepare(sql).run(...values).changes) } }),
  });
  return {
    prepare: sql => statement(sql, []),
    async batch<T>(statements: readonly D1PreparedStatement[]) {
      sqlite.exec('BEGIN');
      try {
        const answers = statements.map(each => {
          const results = (each as D1PreparedStatement & { [now]: () => unknown[] })[now]() as T[];
          return { results, meta: { changes: Number(sqlite.prepare('SELECT changes() AS number').get()!.number) } };
        });
        sqlite.exec('COMMIT');
        return answers;
      } catch (error) {
        sqlite.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** A Durable Object's storage: it outlives the object, as a disk does. */
export interface MemoryStorage {
  readonly kept: Map<string, unknown>;
  alarm: number | null;
  readonly storage: Omit<DurableObjectState['storage'], 'sql' | 'transactionSync'>;
}

export function memoryStorage(): MemoryStorage {
  const kept = new Map<string, unknown>();
  const get = async (key: string | string[]) =>
    typeof key === 'string'
      ? kept.get(key)
      : new Map(key.filter(each => kept.has(each)).map(each => [each, kept.get(each)]));
  const disk: MemoryStorage = {
    kept,
    alarm: null,
    storage: {
      get: get as MemoryStorage['storage']['get'],
      async put(key: string | object, value?: unknown) {
        const entries = typeof key === 'string' ? [[key, value] as const] : Object.entries(key);
        if (entries.length > 128) throw new RangeError('a Durable Object stores 128 values at once');
        for (const [name, each] of entries) {
          if (ArrayBuffer.isView(each) && each.byteLength > 2_000_000) throw new RangeError(`${name} is above 2 MB`);
          kept.set(name, structuredClone(each));
        }
      },
      delete: async keys => keys.filter(key => kept.delete(key)).length,
      list: async ({ prefix }) => new Map([...kept].filter(([key]) => key.startsWith(prefix))),
      async deleteAll() {
        kept.clear();
      },
      async setAlarm(time) {
        disk.alarm = time;
      },
      getAlarm: async () => disk.alarm,
      async deleteAlarm() {
        disk.alarm = null;
      },
    },
  };
  return disk;
}

export interface MemoryR2 {
  readonly blobs: Map<string, Uint8Array>;
  readonly bucket: R2Bucket;
}

export function memoryR2(): MemoryR2 {
  const blobs = new Map<string, Uint8Array>();
  const uploaded = new Map<string, Date>();
  const metadata = new Map<string, Record<string, string>>();
  return {
    blobs,
    bucket: {
      async put(name, value, { customMetadata = {} } = {}) {
        metadata.set(name, customMetadata);
        uploaded.set(name, new Date());
        const bytes = value instanceof Uint8Array ? value.slice() : await new Response(value).bytes();
        blobs.set(name, bytes);
      },
      async delete(names) {
        for (const name of [names].flat()) blobs.delete(name);
      },
      async head(name) {
        const size = blobs.get(name)?.byteLength;
        return size === undefined ? null : { size };
      },
      async list({ prefix, cursor = '' }) {
        const all = [...blobs]
          .filter(([key]) => key.startsWith(prefix) && key > cursor)
          .sort(([a], [b]) => (a < b ? -1 : 1));
        // Short pages, so that tests turn them.
        const objects = all
          .slice(0, 3)
          .map(([key, { byteLength: size }]) => ({ key, size, uploaded: uploaded.get(key)! }));
        const last = objects.at(-1)?.key;
        return { objects, truncated: all.length > 3, ...(last && { cursor: last }) };
      },
      async get(name) {
        const bytes = blobs.get(name);
        if (!bytes) return null;
        return {
          customMetadata: metadata.get(name) ?? {},
          size: bytes.byteLength,
          body: new Blob([bytes.slice()]).stream(),
          arrayBuffer: async () => new Uint8Array(bytes).buffer,
          json: async () => JSON.parse(new TextDecoder().decode(bytes)),
        };
      },
    },
  };
}
