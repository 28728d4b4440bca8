import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { CheckpointError } from '../models/checkpoint/error.ts';
import type { CheckpointFiles } from '../models/checkpoint/files.ts';

/** A checkpoint's folder on this machine's disk. */
export function checkpointFiles(folder: string): CheckpointFiles {
  return {
    async list() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter(entry => entry.isFile() || entry.isSymbolicLink())
        .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
    },
    async size(path) {
      return (await stat(join(folder, path))).size;
    },
    read(path) {
      return readFile(join(folder, path));
    },
    async readRange(path, begin, end) {
      await expectInside(folder, path);
      const file = await open(join(folder, path));
      try {
        const bytes = new Uint8Array(end - begin);
        const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, begin);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    async sha256(path) {
      const hash = createHash('sha256');
      // Large pieces: gigabytes of weights are hashed before the backend is ready.
      for await (const piece of createReadStream(join(folder, path), { highWaterMark: 1 << 20 })) hash.update(piece);
      return hash.digest('hex');
    },
  };
}

/**
 * ONNX Runtime maps weights itself, and none that a link has elsewhere than in the folder it is told of: better said when
 * the checkpoint is opened than at the first prompt. Only weights are read in ranges.
 * @throws CheckpointError naming the link and what it leads to
 */
async function expectInside(folder: string, path: string): Promise<void> {
  const [file, home] = await Promise.all([realpath(join(folder, path)), realpath(dirname(join(folder, path)))]);
  if (file.startsWith(home + sep)) return;
  throw new CheckpointError(path, null, 'a file in the same folder (copy it there)', `a link to ${file}`);
}
