/** Modules of the edge as workerd takes them, without a bundler: types stripped, and found by following imports. */
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join, posix } from 'node:path';

const root = join(import.meta.dirname, '../..');

/**
 * @param entry path within the repository
 * @returns by their paths, the entry and all that it imports with relative names
 */
export async function edgeModules(entry: string): Promise<Record<string, { type: 'esm'; contents: string }>> {
  const modules: Record<string, { type: 'esm'; contents: string }> = {};
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (path in modules) continue;
    const contents = stripTypeScriptTypes(await readFile(join(root, path), 'utf8'));
    modules[path] = { type: 'esm', contents };
    for (const [, name] of contents.matchAll(/\bfrom '(\.[^']+)'/g)) open.push(posix.join(posix.dirname(path), name!));
  }
  return modules;
}
