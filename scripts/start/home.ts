import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './options.ts';

/** What a day of pictures needs; with less, writes would soon fail half-way. */
const minimumFreeBytes = 64 * 1024 * 1024;

/**
 * Makes the folder that holds state, logs and secrets.
 * @throws StartError when it cannot be made or written to, or its disk is full
 */
export async function openHome(home: string): Promise<void> {
  try {
    // Prompts and pictures are nobody else's business.
    await mkdir(home, { recursive: true, mode: 0o700 });
    // A file that is really written: permissions and quotas show only then.
    await writeFile(join(home, 'write-test'), randomBytes(4096));
    await rm(join(home, 'write-test'));
    const { bavail, bsize } = await statfs(home);
    if (bavail * bsize < minimumFreeBytes) throw fullDisk(home, bavail * bsize);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw fullDisk(home, 0);
    throw new StartError(`Cannot write to ${home}: ${message}. Set DARKROOM_HOME to a folder that can be written to`);
  }
}

function fullDisk(home: string, freeBytes: number): StartError {
  const free = Math.floor(freeBytes / 1024 / 1024);
  const least = minimumFreeBytes / 1024 / 1024;
  return new StartError(
    `The disk of ${home} is full: ${free} MiB free, at least ${least} needed. Free some, or set DARKROOM_HOME`,
  );
}

/**
 * The key that signs image and latent addresses. Made once and kept: addresses stay good over restarts.
 * @returns 64 hex digits
 * @throws StartError when the file holds something else
 */
export async function urlSecret(home: string): Promise<string> {
  const file = join(home, 'url-secret');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept === null) {
    const secret = randomBytes(32).toString('hex');
    await writeFile(`${file}.new`, secret, { mode: 0o600 });
    await rename(`${file}.new`, file);
    return secret;
  }
  if (!/^[0-9a-f]{64}$/.test(kept)) {
    throw new StartError(
      `${file} does not hold 64 hex digits. Remove it: a new one is made, and old image addresses end`,
    );
  }
  return kept;
}
