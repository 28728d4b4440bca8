/** `npm run build`: the worker as wrangler would deploy it, and the static files it serves. */
import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputsDigest } from './build/inputs.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Where a build ends up. The worker's main module is `index.js`. */
export const edgeBuild = { worker: join(dist, 'worker'), assets: join(dist, 'assets') } as const;

/** Beside the worker's modules: the digest of what they were built from. */
const stamp = join(edgeBuild.worker, 'built-from');

/** A build that takes longer than this has died. */
const longestBuildMs = 10 * 60_000;

/** Nothing of wrangler may ask, phone home or write outside the checkout. */
const quietWrangler = {
  CI: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  XDG_CONFIG_HOME: join(root, '.wrangler/config'),
};

/**
 * Builds the worker with wrangler's own bundler from `wrangler.toml`, unless nothing has changed since the last build:
 * a server that runs from it is then left in peace.
 * @param begins called when there is something to build
 * @returns what wrangler said, or that nothing was to do
 * @throws Error with wrangler's words when it does not build
 */
export async function buildEdge(begins: () => void = () => {}): Promise<string> {
  const inputs = await inputsDigest(root);
  if (await isBuiltFrom(inputs)) return 'The worker is built and up to date';
  begins();
  await mkdir(dist, { recursive: true });
  await sweep();
  // A build that fails, or runs beside another, never leaves half a worker behind.
  const fresh = await mkdtemp(join(dist, 'building-'));
  try {
    const said = await wrangler(['deploy', '--dry-run', '--outdir', fresh]);
    await writeFile(join(fresh, 'built-from'), inputs);
    await rm(edgeBuild.worker, { recursive: true, force: true });
    await rename(fresh, edgeBuild.worker);
    return said;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function isBuiltFrom(inputs: string): Promise<boolean> {
  try {
    for (const page of ['graphiql.html', 'studio.html']) await access(join(edgeBuild.assets, page));
    return (await readFile(stamp, 'utf8')) === inputs;
  } catch {
    return false;
  }
}

/** Removes what builds that were killed have left. */
async function sweep(): Promise<void> {
  for (const name of await readdir(dist)) {
    const folder = join(dist, name);
    if (!name.startsWith('building-') || Date.now() - (await stat(folder)).mtimeMs < longestBuildMs) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs wrangler and answers what it said. @throws Error with its words when it fails */
export function wrangler(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/wrangler/bin/wrangler.js', ...args], {
      cwd: root,
      env: { ...process.env, ...quietWrangler },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const listen = (text: string) => {
      said += text;
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
    child.once('error', reject);
    child.once('close', code =>
      code === 0 ? resolve(said) : reject(new Error(`wrangler ended with ${code}:\n${said}`)),
    );
  });
}

const help = `npm run build

Builds the worker and the static files that it serves into dist/, unless they are there and up to date. npm start and npm
test do so themselves. Takes no arguments.`;

if (import.meta.main) {
  const [argument] = process.argv.slice(2);
  if (argument === undefined) {
    console.log(await buildEdge());
  } else if (argument === '--help' || argument === '-h') {
    console.log(help);
  } else {
    console.error(`Unknown argument ${argument}.\n\n${help}`);
    process.exitCode = 2;
  }
}
