/** The static files that the worker serves: the studio and GraphiQL. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { graphiqlFiles } from './graphiql.ts';
import { studioFiles } from './studio.ts';

/** Writes the files, each whole or not at all: a server may be reading the ones that are there. */
async function writeAssets(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, contents] of Object.entries(files)) {
    const fresh = join(folder, `.${process.pid}-${name}`);
    await writeFile(fresh, contents);
    await rename(fresh, join(folder, name));
  }
  for (const name of await readdir(folder)) {
    if (!Object.hasOwn(files, name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

// wrangler runs this before it bundles: see [build] in wrangler.toml.
await writeAssets(join(import.meta.dirname, '../../dist/assets'), { ...graphiqlFiles(), ...(await studioFiles()) });
