/**
 * What Darkroom keeps on disk carries a version: the number of the newest migration that was applied to it. A newer
 * program migrates what an older one left; an older program refuses what a newer one left.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './start/options.ts';

const migrationsFolder = join(import.meta.dirname, '../worker/migrations');

export interface Migration {
  readonly number: number;
  /** File name, as `wrangler d1 migrations apply` records it. */
  readonly name: string;
  readonly sql: string;
}

/** The part of a D1 database that migrating needs. */
export interface MigratableDatabase {
  prepare(sql: string): { all(): Promise<{ results: unknown[] }>; bind(...values: unknown[]): unknown };
  // biome-ignore lint/suspicious/noExplicitAny: D1's own statement type differs between Miniflare and the runtime.
  batch(statements: any[]): Promise<unknown>;
}

/** In the order in which they apply. @throws Error when two files share a number or one is missing */
export async function readMigrations(folder: string = migrationsFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(/^(\d{4})_/.exec(name)?.[1]);
      if (number !== index + 1)
        throw new Error(`${name}: expected migration ${index + 1}, named 000N_what_it_does.sql`);
      return { number, name, sql: await readFile(join(folder, name), 'utf8') };
    }),
  );
}

/**
 * Makes the state folder, or checks that this program may use the one that is there, and marks it as its own.
 * @param folder e.g. `.darkroom/state`
 * @throws StartError when a newer program wrote it, or it cannot be read or written
 */
export async function openState(folder: string, known: number): Promise<void> {
  const file = join(folder, 'version.json');
  const found = await readVersion(file);
  if (found > known) {
    throw new StartError(
      `${folder} was written by a newer Darkroom (state version ${found}, this one knows ${known}). ` +
        'Start the newer one, or set DARKROOM_HOME to another folder',
    );
  }
  if (found === known) return;
  try {
    await mkdir(folder, { recursive: true });
    // Before migrating, not after: a half-migrated state is already none for the older program.
    await writeFile(`${file}.new`, `${JSON.stringify({ version: known })}\n`);
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new StartError(`Cannot write ${file}: ${(error as Error).message}`);
  }
}

/** Brings the database up to date. Every migration happens as a whole or not at all. */
export async function migrate(database: MigratableDatabase, migrations: readonly Migration[]): Promise<void> {
  // The table that `wrangler d1 migrations apply` keeps, so that both ways of migrating know of each other.
  const applied = `CREATE TABLE IF NOT EXISTS d1_migrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;
  await database.batch([database.prepare(applied)]);
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all();
  const done = new Set((results as { name: string }[]).map(row => row.name));
  for (const { name, sql } of migrations) {
    if (done.has(name)) continue;
    await database.batch([
      ...statements(sql).map(statement => database.prepare(statement)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ]);
  }
}

/** A migration's statements. They hold no semicolon of their own: there are no triggers and no such texts in them. */
export function statements(sql: string): string[] {
  return sql
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map(statement => statement.trim())
    .filter(statement => statement !== '');
}

/** 0 where there is no state yet. */
async function readVersion(file: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new StartError(`Cannot read ${file}: ${(error as Error).message}`);
  }
  const version: unknown = (() => {
    try {
      return JSON.parse(text).version;
    } catch {
      return null;
    }
  })();
  if (!Number.isSafeInteger(version)) {
    throw new StartError(`${file} does not hold a version. Restore it, or set DARKROOM_HOME to another folder`);
  }
  return version as number;
}
