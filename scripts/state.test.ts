import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartError } from './start/options.ts';
import { type MigratableDatabase, migrate, openState, readMigrations, statements } from './state.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-state-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** D1's interface over the SQLite of Node. */
function database(): MigratableDatabase & { readonly sqlite: DatabaseSync } {
  const sqlite = new DatabaseSync(':memory:');
  const prepare = (sql: string, values: (string | number)[] = []) => ({
    all: async () => ({ results: sqlite.prepare(sql).all(...values) }),
    bind: (...more: (string | number)[]) => prepare(sql, more),
    run: () => sqlite.prepare(sql).run(...values),
  });
  return {
    sqlite,
    prepare,
    async batch(list: { run(): unknown }[]) {
      sqlite.exec('BEGIN');
      try {
        for (const statement of list) statement.run();
        sqlite.exec('COMMIT');
      } catch (error) {
        sqlite.exec('ROLLBACK');
        throw error;
      }
    },
  } as never;
}

describe('openState', () => {
  it('marks new and older state as its own', async () => {
    const state = join(folder, 'deep', 'state');
    await openState(state, 3);
    expect(JSON.parse(await readFile(join(state, 'version.json'), 'utf8'))).toEqual({ version: 3 });
    await openState(state, 4);
    expect(JSON.parse(await readFile(join(state, 'version.json'), 'utf8'))).toEqual({ version: 4 });
  });

  it('refuses what a newer program wrote, in one line, and leaves it alone', async () => {
    await openState(folder, 9);
    const refusal = openState(folder, 3);
    await expect(refusal).rejects.toThrow(StartError);
    await expect(refusal).rejects.toThrow(/^.*newer Darkroom \(state version 9, this one knows 3\).*$/);
    expect(JSON.parse(await readFile(join(folder, 'version.json'), 'utf8'))).toEqual({ version: 9 });
  });

  it.each(['', '{', 'null', '{"version":"1"}'])('refuses a version file that holds %j', async text => {
    await writeFile(join(folder, 'version.json'), text);
    await expect(openState(folder, 3)).rejects.toThrow('does not hold a version');
  });

  it('says which file cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openState(join(folder, 'file'), 1)).rejects.toThrow(join(folder, 'file', 'version.json'));
  });
});

describe('migrate', () => {
  it('applies each migration once, in order', async () => {
    const db = database();
    const [first, second] = [
      { number: 1, name: '0001_a.sql', sql: 'CREATE TABLE a (x); INSERT INTO a VALUES (1);' },
      { number: 2, name: '0002_b.sql', sql: '-- a comment; with a semicolon\nINSERT INTO a VALUES (2)' },
    ];
    await migrate(db, [first]);
    await migrate(db, [first, second]);
    await migrate(db, [first, second]);
    expect(db.sqlite.prepare('SELECT x FROM a').all()).toEqual([{ x: 1 }, { x: 2 }]);
    expect(db.sqlite.prepare('SELECT name FROM d1_migrations ORDER BY id').all()).toEqual([
      { name: '0001_a.sql' },
      { name: '0002_b.sql' },
    ]);
  });

  it('leaves nothing of a migration that fails', async () => {
    const db = database();
    const broken = { number: 1, name: '0001_a.sql', sql: 'CREATE TABLE a (x); CREATE TABLE a (x);' };
    await expect(migrate(db, [broken])).rejects.toThrow();
    expect(db.sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 'a'").all()).toEqual([]);
  });

  it('applies those of the worker', async () => {
    const migrations = await readMigrations();
    const db = database();
    await migrate(db, migrations);
    expect(statements(migrations[0]!.sql).length).toBeGreaterThan(3);
  });
});

describe('readMigrations', () => {
  it('wants them numbered without a gap', async () => {
    await writeFile(join(folder, '0001_a.sql'), 'SELECT 1');
    await writeFile(join(folder, '0003_c.sql'), 'SELECT 1');
    await expect(readMigrations(folder)).rejects.toThrow('0003_c.sql: expected migration 2');
  });
});
