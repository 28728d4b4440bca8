/** What the edge is bound to, as far as it uses it, in memory: for tests of a single part of it. */
import { DatabaseSync } from 'node:sqlite';
import { readMigrations, statements } from '../../scripts/state.ts';

/** D1 with every migration applied, over an SQLite that speaks the same language. */
export async function memoryD1(): Promise<D1Database> {
  const sqlite = new DatabaseSync(':memory:');
  for (const { sql } of await readMigrations()) for (const statement of statements(sql)) sqlite.exec(statement);
  const statement = (sql: string, values: readonly (string | number | null)[]): D1PreparedStatement => ({
    bind: (...given) => statement(sql, given),
    first: async <T>() => (sqlite.prepare(sql).get(...values) as T | undefined) ?? null,
    all: async <T>() => ({ results: sqlite.prepare(sql).all(...values) as T[] }),
    run: async () => ({ meta: { changes: Number(sqlite.prepare(sql).run(...values).changes) } }),
  });
  return {
    prepare: sql => statement(sql, []),
    async batch(statements) {
      const answers = [];
      for (const each of statements) {
        const { results } = await each.all<never>();
        answers.push({
          results,
          meta: { changes: Number(sqlite.prepare('SELECT changes() AS number').get()!.number) },
        });
      }
      return answers;
    },
  };
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
        blobs.set(name, typeof value === 'string' ? new TextEncoder().encode(value) : value.slice());
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
          arrayBuffer: async () => new Uint8Array(bytes).buffer,
          json: async () => JSON.parse(new TextDecoder().decode(bytes)),
        };
      },
    },
  };
}
