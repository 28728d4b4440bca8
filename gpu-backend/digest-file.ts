import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KnownDigest, KnownDigests } from './digest-memory.ts';

const version = 1;

/**
 * What `writeDigests` has written. None where the file is missing, or is not such a file: then they are computed again.
 * @throws the system's error when it is there and cannot be read
 */
export async function readDigests(file: string): Promise<KnownDigests> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const parsed = parse(text);
  if (parsed?.version !== version || typeof parsed.files !== 'object' || parsed.files === null) return {};
  return Object.fromEntries(Object.entries(parsed.files).filter(([, digest]) => isKnownDigest(digest)));
}

/** Replaces the file as a whole; files that are gone are forgotten. @throws the system's error */
export async function writeDigests(file: string, digests: KnownDigests): Promise<void> {
  const files = Object.fromEntries(Object.entries(digests).filter(([path]) => existsSync(path)));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify({ version, files }, null, 1)}\n`);
  await rename(`${file}.new`, file);
}

function parse(text: string): { readonly version?: unknown; readonly files?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isKnownDigest(value: unknown): value is KnownDigest {
  if (typeof value !== 'object' || value === null) return false;
  const { size, modified, changed, inode, sha256 } = value as Record<string, unknown>;
  const isNumber = (text: unknown) => typeof text === 'string' && /^-?\d{1,30}$/.test(text);
  return (
    [size, modified, changed, inode].every(isNumber) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
  );
}
