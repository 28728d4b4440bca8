/** What the worker and its pages are built from, as one digest: a build is needed only where it differs from the last one's. */
import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const sources = ['{worker,schema,wire,models}/**/*.ts', 'client/**/*.{ts,tsx,css,html,svg}'];
const settings = [
  'wrangler.toml',
  'package-lock.json',
  ...['assets', 'graphiql', 'studio'].map(name => `scripts/build/${name}.ts`),
];

/** SHA-256 over the names and contents of everything that a build reads, in hex. */
export async function inputsDigest(root: string): Promise<string> {
  const files = [...settings];
  for await (const file of glob(sources, { cwd: root })) if (!/\.test\.tsx?$/.test(file)) files.push(file);
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const bytes = await readFile(join(root, file));
    hash.update(`${file}\0${bytes.byteLength}\0`).update(bytes);
  }
  return hash.digest('hex');
}
