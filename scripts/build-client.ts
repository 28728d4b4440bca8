/** `npm run build:client`: the SDK as the package that programs install. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { manifest } from './build-client/manifest.ts';
import { packagesOf, withJsEndings } from './build-client/specifiers.ts';
import { told } from './told.ts';

const root = join(import.meta.dirname, '..');

const help = `npm run build:client [-- --out FOLDER]

Builds the SDK (client/sdk) as an ESM package with types: compiled modules in lib/, and darkroom.js, the same in one file, for
pages that have no build of their own. npm pack in the folder makes the file that npm install takes.

  --out FOLDER   default dist/client`;

/** Entries of the package, and the modules that they are: those that there are. */
const entries = { '.': 'index', './decode': 'decode/index', './develop': 'develop/index' } as const;

/** @throws Error with the compiler's words */
export async function buildClient(out: string): Promise<void> {
  const fresh = `${out}-${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  try {
    await compile(join(fresh, 'lib'));
    await Promise.all([
      bundle(join(root, 'client/sdk/index.ts'), fresh),
      describe(fresh),
      copyFile(join(root, 'client/sdk/README.md'), join(fresh, 'README.md')),
      copyFile(join(root, 'LICENSE'), join(fresh, 'LICENSE')),
    ]);
    await rm(out, { recursive: true, force: true });
    await rename(fresh, out);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function compile(lib: string): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const config = join(root, 'client/sdk/tsconfig.build.json');
  const child = spawn(process.execPath, [tsc, '-p', config, '--outDir', lib], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [code]] = await Promise.all([buffer(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`The SDK does not compile:\n${said}`);
  // The compiler mends the endings in modules, and leaves them in declarations.
  for await (const name of glob('**/*.d.ts', { cwd: lib })) {
    const file = join(lib, name);
    await writeFile(file, withJsEndings(await readFile(file, 'utf8')));
  }
}

/** One file that needs nothing else: what a page may import as it is. */
async function bundle(entry: string, folder: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      lib: { entry, formats: ['es'], fileName: () => 'darkroom.js' },
      rolldownOptions: { output: { minify: true } },
    },
  });
}

async function describe(folder: string): Promise<void> {
  const lib = join(folder, 'lib');
  const modules: string[] = [];
  for await (const name of glob('**/*.js', { cwd: lib })) modules.push(name);
  const texts = await Promise.all(modules.map(name => readFile(join(lib, name), 'utf8')));
  const there = Object.entries(entries).filter(([, module]) => modules.includes(`client/sdk/${module}.js`));
  const description = manifest({
    project: JSON.parse(await readFile(join(root, 'package.json'), 'utf8')),
    entries: Object.fromEntries(there.map(([entry, module]) => [entry, `./lib/client/sdk/${module}`])),
    packages: packagesOf(texts),
  });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
}

if (import.meta.main) {
  await told(help, async () => {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        out: { type: 'string', default: join(root, 'dist/client') },
      },
    });
    if (values.help) console.log(help);
    else {
      await buildClient(values.out);
      console.log(values.out);
    }
  });
}
