import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holderOf, lockHome } from './lock.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'darkroom-lock-'));
});
afterEach(() => rm(home, { recursive: true }));

it('can be taken again once it is released', async () => {
  const release = await lockHome(home);
  expect(await readFile(join(home, 'running'), 'utf8')).toMatch(new RegExp(`^${process.pid}( \\d+)?$`));
  await release();
  await (await lockHome(home))();
});

it.each([
  ['nobody has been', null],
  ['a Darkroom was killed', '999999999'],
  ['a Darkroom was killed just after it had begun', ''],
])('is one process’s only, where many want the folder at once and %s', async (_, left) => {
  if (left !== null) await writeFile(join(home, 'running'), left);
  const all = await Promise.allSettled(Array.from({ length: 16 }, () => lockHome(home)));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(home)).toEqual(['running']);
});

it.runIf(existsSync('/proc/self/stat'))('is free where its holder’s number has come to another process', async () => {
  await writeFile(join(home, 'running'), `${process.ppid}\nhttp://127.0.0.1:1`);
  expect(await holderOf(home)).toMatchObject({ pid: process.ppid });
  await writeFile(join(home, 'running'), `${process.ppid} 1\nhttp://127.0.0.1:1`);
  expect(await holderOf(home)).toBeNull();
  await (await lockHome(home))();
});

it('names the living process that holds the folder, and leaves its mark alone', async () => {
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  await writeFile(join(home, 'running'), String(other.pid));
  await expect(lockHome(home)).rejects.toThrow(
    `${home} is in use by process ${other.pid}. Stop that Darkroom, or set DARKROOM_HOME to another folder. If process ` +
      `${other.pid} is no Darkroom, one that was killed has left its mark: remove ${join(home, 'running')}`,
  );
  expect(await readFile(join(home, 'running'), 'utf8')).toBe(String(other.pid));
  other.kill();
  await once(other, 'exit');
  // What a killed process has left holds nobody up.
  await (await lockHome(home))();
});

it('tells where who holds it answers, once that is known', async () => {
  const lock = new URL('lock.ts', import.meta.url).href;
  const script = `const { lockHome, tellAddress } = await import(${JSON.stringify(lock)});
    await lockHome(process.argv[1]);
    process.stdout.write('held');
    process.stdin.once('data', async () => {
      await tellAddress(process.argv[1], 'http://127.0.0.1:1', true);
      process.stdout.write('told');
    });`;
  expect(await holderOf(home)).toBeNull();
  const other = spawn(process.execPath, ['--input-type=module', '-e', script, home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  expect(await holderOf(home)).toEqual({ pid: other.pid, url: null, passing: false });
  other.stdin.write('go on');
  await once(other.stdout, 'data');
  expect(await holderOf(home)).toEqual({ pid: other.pid, url: 'http://127.0.0.1:1', passing: true });
  other.kill();
  await once(other, 'exit');
  expect(await holderOf(home)).toBeNull();
});
