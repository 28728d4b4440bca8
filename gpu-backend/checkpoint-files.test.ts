import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
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

test('weights that are a link out of their folder are refused by the name of both', async () => {
  const snapshot = await mkdtemp(join(root, 'snapshot-'));
  await symlink(join(root, 'unet', 'config.json'), join(snapshot, 'away.safetensors'));
  await writeFile(join(snapshot, 'blob'), content);
  await symlink('blob', join(snapshot, 'near.safetensors'));
  const files = checkpointFiles(snapshot);
  const target = await realpath(join(root, 'unet', 'config.json'));
  await expect(files.readRange('away.safetensors', 0, 8)).rejects.toThrow(
    `away.safetensors: expected a file in the same folder (copy it there), found a link to ${target}`,
  );
  expect(Buffer.from(await files.readRange('near.safetensors', 2, 5)).toString()).toBe('234');
  expect(Buffer.from(await files.read('away.safetensors'))).toEqual(content);
});
