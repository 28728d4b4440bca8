import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpointFiles } from './checkpoint-files.ts';

const content = Buffer.from('0123456789');
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'darkroom-files-'));
  await mkdir(join(root, 'unet'));
  await writeFile(join(root, 'unet', 'config.json'), content);
  await writeFile(join(root, 'model_index.json'), '');
});
afterAll(() => rm(root, { recursive: true }));

test('lists files by their path inside the folder, with forward slashes', async () => {
  expect([...(await checkpointFiles(root).list())].sort()).toEqual(['model_index.json', 'unet/config.json']);
});

test('reads files whole, in part, and as a digest', async () => {
  const files = checkpointFiles(root);
  const path = 'unet/config.json';
  expect(await files.size(path)).toBe(10);
  expect(Buffer.from(await files.read(path))).toEqual(content);
  expect(Buffer.from(await files.readRange(path, 2, 5)).toString()).toBe('234');
  expect(Buffer.from(await files.readRange(path, 8, 50)).toString()).toBe('89');
  expect(await files.sha256(path)).toBe(createHash('sha256').update(content).digest('hex'));
});

test('a file that is not there is an error', async () => {
  const files = checkpointFiles(root);
  await expect(files.read('nothing')).rejects.toThrow('ENOENT');
  await expect(files.sha256('nothing')).rejects.toThrow('ENOENT');
  await expect(checkpointFiles(join(root, 'nothing')).list()).rejects.toThrow('ENOENT');
});
