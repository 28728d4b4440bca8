import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHome, urlSecret } from './home.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-home-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('makes the folder, nested ones included', async () => {
  await openHome(join(folder, 'a', 'b'));
  expect((await stat(join(folder, 'a', 'b'))).isDirectory()).toBe(true);
});

it('says what to do when the folder cannot be made', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(openHome(join(folder, 'file', 'home'))).rejects.toThrow('Set DARKROOM_HOME');
});

it('keeps the secret over restarts, readable by its owner only', async () => {
  const secret = await urlSecret(folder);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(await urlSecret(folder)).toBe(secret);
  expect(await readFile(join(folder, 'url-secret'), 'utf8')).toBe(secret);
  expect((await stat(join(folder, 'url-secret'))).mode & 0o777).toBe(0o600);
});

it('never replaces a damaged secret silently', async () => {
  await writeFile(join(folder, 'url-secret'), 'short');
  await expect(urlSecret(folder)).rejects.toThrow('does not hold 64 hex digits');
});
