import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The sha256 of all TypeScript under a folder but its tests, by path and content: what pictures depend on beside the
 * checkpoint. Hexadecimal.
 */
export function sourcesDigest(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .sort();
  const sha = createHash('sha256');
  for (const path of paths)
    sha
      .update(`${path}\n`)
      .update(readFileSync(join(folder, path)))
      .update('\0');
  return sha.digest('hex');
}
