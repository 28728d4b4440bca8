import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CheckpointError } from '../models/checkpoint/error.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import { readDigests, writeDigests } from './digest-file.ts';
import { DigestMemory } from './digest-memory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-digests-'));
  writeFileSync(join(folder, 'weights'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const digestIn = (memory: DigestMemory) => memory.over(folder, checkpointFiles(folder)).sha256('weights');
const file = () => join(folder, 'digests.json');

/** A memory that has digested the file, was written to disk and read again. */
async function restarted(): Promise<DigestMemory> {
  const memory = new DigestMemory();
  expect(await digestIn(memory)).toBe(sha256('one'));
  await writeDigests(file(), memory.digests);
  return new DigestMemory(await readDigests(file()));
}

it('computes a digest once, and not again after a restart', async () => {
  const memory = await restarted();
  expect(await digestIn(memory)).toBe(sha256('one'));
  expect(memory.counts).toEqual({ computed: 0, known: 1 });
});

it('knows all other files of the folder as they are', async () => {
  const files = new DigestMemory().over(folder, checkpointFiles(folder));
  expect(await files.list()).toEqual(['weights']);
  expect(new TextDecoder().decode(await files.read('weights'))).toBe('one');
});

it.each<[string, (path: string) => void]>([
  ['other bytes', path => writeFileSync(path, 'two')],
  ['more bytes', path => writeFileSync(path, 'one more')],
  [
    'other bytes, as old as the ones before',
    path => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, 'two');
      utimesSync(path, atime, mtime);
    },
  ],
  [
    'another file in its place',
    path => {
      const { atime, mtime } = statSync(path);
      writeFileSync(`${path}.new`, 'two');
      utimesSync(`${path}.new`, atime, mtime);
      renameSync(`${path}.new`, path);
    },
  ],
])('computes it again when the file has %s', async (_, change) => {
  const memory = await restarted();
  change(join(folder, 'weights'));
  const now = await checkpointFiles(folder).sha256('weights');
  expect(now).not.toBe(sha256('one'));
  expect(await digestIn(memory)).toBe(now);
  expect(memory.counts).toEqual({ computed: 1, known: 0 });
  // Asked again it is known, and the file is counted already.
  expect(await digestIn(memory)).toBe(now);
  expect(memory.counts).toEqual({ computed: 1, known: 0 });
});

it('does not remember the digest of a file that is written meanwhile', async () => {
  const memory = new DigestMemory();
  const files = memory.over(folder, {
    ...checkpointFiles(folder),
    async sha256() {
      writeFileSync(join(folder, 'weights'), 'half written');
      return sha256('one');
    },
  });
  await files.sha256('weights');
  expect(memory.digests).toEqual({});
});

it('tells when a file is no longer the one that was digested', async () => {
  const part = join(folder, 'unet');
  mkdirSync(part);
  writeFileSync(join(part, 'weights'), 'one');
  const memory = new DigestMemory();
  await memory.over(folder, checkpointFiles(folder)).sha256('unet/weights');
  writeFileSync(join(folder, 'weights'), 'of no part');
  chmodSync(join(part, 'weights'), 0o600);
  await memory.expectUnchanged(folder, 'unet');
  writeFileSync(join(part, 'weights'), 'two');
  await expect(memory.expectUnchanged(folder, 'unet')).rejects.toThrow(CheckpointError);
  await expect(memory.expectUnchanged(folder, 'unet')).rejects.toThrow(
    'unet/weights: expected the file that was there',
  );
  rmSync(part, { recursive: true });
  await expect(memory.expectUnchanged(folder, 'unet')).rejects.toThrow('found none');
});

it('rejects where there is no file, as the folder does', async () => {
  rmSync(join(folder, 'weights'));
  await expect(digestIn(new DigestMemory())).rejects.toMatchObject({ code: 'ENOENT' });
});

it('forgets files that are gone', async () => {
  copyFileSync(join(folder, 'weights'), join(folder, 'other'));
  const memory = new DigestMemory();
  await digestIn(memory);
  await memory.over(folder, checkpointFiles(folder)).sha256('other');
  rmSync(join(folder, 'other'));
  await writeDigests(file(), memory.digests);
  expect(Object.keys(await readDigests(file()))).toEqual([join(folder, 'weights')]);
});

const good = { size: '3', modified: '1', changed: '1', inode: '1', sha256: sha256('one') };

it.each([
  ['nothing', ''],
  ['something cut off', '{"version":1,"files":{"/a":{"size":"3","modif'],
  ['no object', 'null'],
  ['another version', JSON.stringify({ version: 2, files: { '/a': good } })],
  ['no files', JSON.stringify({ version: 1, files: null })],
  ['no digest', JSON.stringify({ version: 1, files: { '/a': { ...good, sha256: 'f00' } } })],
  ['numbers that are none', JSON.stringify({ version: 1, files: { '/a': { ...good, size: 3 }, '/b': null } })],
])('ignores a file that holds %s', async (_, text) => {
  writeFileSync(file(), text);
  expect(await readDigests(file())).toEqual({});
});

it('reads none where there is no file, and makes its folder', async () => {
  expect(await readDigests(file())).toEqual({});
  const deep = join(folder, 'state', 'digests.json');
  await writeDigests(deep, {});
  expect(await readDigests(deep)).toEqual({});
});
