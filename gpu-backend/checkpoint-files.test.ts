import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** A snapshot as the cache of Hugging Face has it: files are links to blobs, with the digest as name. */
async function snapshotOf(parts: Readonly<Record<string, string>>): Promise<string> {
  const cache = await mkdtemp(join(root, 'models--'));
  const snapshot = join(cache, 'snapshots', 'main');
  await mkdir(join(cache, 'blobs'));
  for (const [path, blob] of Object.entries(parts)) {
    await mkdir(dirname(join(snapshot, path)), { recursive: true });
    await writeFile(join(cache, 'blobs', blob), content);
    await symlink(join('../../../blobs', blob), join(snapshot, path));
  }
  return snapshot;
}

test('files that are links are those that they lead to', async () => {
  const snapshot = await snapshotOf({ 'unet/1.safetensors': 'one', 'unet/2.safetensors': 'two' });
  const files = checkpointFiles(snapshot);
  expect([...(await files.list())].sort()).toEqual(['unet/1.safetensors', 'unet/2.safetensors']);
  expect(Buffer.from(await files.readRange('unet/1.safetensors', 2, 5)).toString()).toBe('234');
  expect(await files.locate!(['unet/1.safetensors', 'unet/2.safetensors'])).toEqual({
    root: await realpath(join(snapshot, '../../blobs')),
    names: new Map([
      ['unet/1.safetensors', 'one'],
      ['unet/2.safetensors', 'two'],
    ]),
  });
});

test('one file beside the folder and one in it are both in what holds both', async () => {
  const snapshot = await snapshotOf({ 'unet/1.safetensors': 'one' });
  await writeFile(join(snapshot, 'unet', '2.safetensors'), content);
  const { root: common, names } = (await checkpointFiles(snapshot).locate!([
    'unet/1.safetensors',
    'unet/2.safetensors',
  ]))!;
  expect(common).toBe(await realpath(join(snapshot, '../..')));
  expect([...names.values()]).toEqual(['blobs/one', 'snapshots/main/unet/2.safetensors']);
});

test('files in their own folder, and links to those, are where they seem to be', async () => {
  const snapshot = await mkdtemp(join(root, 'plain-'));
  await writeFile(join(snapshot, 'blob'), content);
  await symlink('blob', join(snapshot, 'near.safetensors'));
  expect(await checkpointFiles(snapshot).locate!(['near.safetensors', 'blob'])).toBeNull();
});

test('a component may be a link to a folder; what leads nowhere or around is left out', async () => {
  const folder = await mkdtemp(join(root, 'linked-'));
  await symlink(join(root, 'unet'), join(folder, 'unet'));
  await symlink(folder, join(folder, 'around'));
  await symlink('nothing', join(folder, 'broken'));
  await mkdir(join(folder, 'vae'));
  await symlink(root, join(folder, 'vae', 'out'));
  const paths = await checkpointFiles(folder).list();
  expect(paths).toContain('unet/config.json');
  expect(paths.filter(path => !path.startsWith('around/'))).toEqual(['unet/config.json']);
  expect(await checkpointFiles(folder).locate!(['unet/config.json'])).toBeNull();
});
