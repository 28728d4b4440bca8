/** The SDK as a program has it: packed, and installed into a folder of its own, without a network. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildClient } from '../../scripts/build-client.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

export interface InstalledClient {
  /** A project that has the package among its dependencies. */
  readonly folder: string;
  /** The package, as it was built. */
  readonly built: string;
  remove(): Promise<void>;
}

export async function installClient(): Promise<InstalledClient> {
  const place = await mkdtemp(join(tmpdir(), 'darkroom-client-'));
  const built = join(place, 'built');
  await buildClient(built);
  const pack = async (cwd: string) =>
    (await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', place], { cwd })).stdout.trim();
  // What it depends on is here already: as a dependency of the project it need not be fetched.
  const [client, parser] = await Promise.all([pack(built), pack(join(root, 'node_modules/eventsource-parser'))]);
  const folder = join(place, 'project');
  await mkdir(folder);
  const dependencies = { 'darkroom-client': `file:../${client}`, 'eventsource-parser': `file:../${parser}` };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund'], { cwd: folder });
  return { folder, built, remove: () => rm(place, { recursive: true }) };
}
