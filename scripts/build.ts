/** `npm run build`: the worker as wrangler would deploy it, and the static files it serves. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { graphiqlFiles, writeAssets } from './build/graphiql.ts';

const root = join(import.meta.dirname, '..');

/** Where a build ends up. The worker's main module is `index.js`. */
export const edgeBuild = { worker: join(root, 'dist/worker'), assets: join(root, 'dist/assets') } as const;

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
 * Builds the worker with wrangler's own bundler from `wrangler.toml`.
 * @returns what wrangler said
 * @throws Error with wrangler's words when it does not build
 */
export async function buildEdge(): Promise<string> {
  await mkdir(join(root, 'dist'), { recursive: true });
  // wrangler wants the assets' folder to exist before it bundles.
  await writeAssets(edgeBuild.assets, await graphiqlFiles());
  // A build that fails, or runs beside another, never leaves half a worker behind.
  const fresh = await mkdtemp(join(root, 'dist/building-'));
  try {
    const said = await wrangler(['deploy', '--dry-run', '--outdir', fresh]);
    await rm(edgeBuild.worker, { recursive: true, force: true });
    await rename(fresh, edgeBuild.worker);
    return said;
  } finally {
    await rm(fresh, { recursive: true, force: true });
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

if (import.meta.main) console.log(await buildEdge());
