import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
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
