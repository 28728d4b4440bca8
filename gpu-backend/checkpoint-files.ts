import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { CheckpointError } from '../models/checkpoint/error.ts';
import type { CheckpointFiles, LocatedFiles } from '../models/checkpoint/files.ts';

/** A checkpoint's folder on this machine's disk. */
export function checkpointFiles(folder: string): CheckpointFiles {
  return {
    list() {
      return filesIn(folder);
    },
    async size(path) {
      return (await stat(join(folder, path))).size;
    },
    read(path) {
      return readFile(join(folder, path));
    },
    async readRange(path, begin, end) {
      const file = await open(join(folder, path));
      try {
        const bytes = new Uint8Array(end - begin);
        const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, begin);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    locate(paths) {
      return locate(folder, paths);
    },
    async sha256(path) {
      const hash = createHash('sha256');
      // Large pieces: gigabytes of weights are hashed before the backend is ready.
      for await (const piece of createReadStream(join(folder, path), { highWaterMark: 1 << 20 })) hash.update(piece);
      return hash.digest('hex');
    },
  };
}

/** Files of a folder and of those in it, by their paths; links count as what they lead to, one that leads nowhere does not. */
async function filesIn(folder: string, place = ''): Promise<string[]> {
  const entries = await readdir(join(folder, place), { withFileTypes: true });
  const paths = entries.map(async entry => {
    const path = place + entry.name;
    if (entry.isDirectory()) return filesIn(folder, `${path}/`);
    if (entry.isFile()) return [path];
    const target = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => null) : null;
    if (target?.isFile()) return [path];
    // A component that lies elsewhere. What is inside of that is no part of a checkpoint, and may lead back to here.
    return target?.isDirectory() && place === '' ? namesOf(folder, path) : [];
  });
  return (await Promise.all(paths)).flat();
}

async function namesOf(folder: string, component: string): Promise<string[]> {
  const entries = await readdir(join(folder, component), { withFileTypes: true });
  return entries.filter(entry => !entry.isDirectory()).map(({ name }) => `${component}/${name}`);
}

/**
 * Where links lead, as the cache of Hugging Face has it: every file of a snapshot is a link to a blob. ONNX Runtime maps
 * weights itself, and none that a link has elsewhere than in the folder it is told of: so it is told where they are.
 * @throws CheckpointError when no folder has all of them in it
 */
async function locate(folder: string, paths: readonly string[]): Promise<LocatedFiles | null> {
  const real = await Promise.all(paths.map(path => realpath(join(folder, path))));
  const [first] = paths;
  if (first === undefined) return null;
  const home = await realpath(dirname(join(folder, first)));
  if (real.every(file => file.startsWith(home + sep))) return null;
  let root = dirname(real[0]!);
  while (!real.every(file => file.startsWith(root.endsWith(sep) ? root : root + sep))) {
    const above = dirname(root);
    if (above === root) throw new CheckpointError(first, null, 'all weights on one drive', `a link to ${real[0]}`);
    root = above;
  }
  const names = real.map((file, i) => [paths[i]!, relative(root, file).split(sep).join('/')] as const);
  return { root, names: new Map(names) };
}
