/**
 * Makes the project's own reference data anew: see `--help`.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPython, withPython } from './python-environment.ts';

const help = `npm run goldens:make [-- FOLDER]
npm run goldens:make -- FOLDER --random SEED [--count N]

Computes reference numbers with diffusers, transformers and PyTorch: a tiny random checkpoint, and what they make of it.
Writes them to FOLDER (default: test/goldens/data, whose contents it replaces). Makes its own Python environment.

With --random the configs are drawn as well, N (default 50) of each class of scheduler and N / 10 of each kind of model:
\`npm run goldens -- FOLDER\` then finds what nobody thought of. The same seed draws the same configs.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, random: { type: 'string' }, count: { type: 'string' } },
});
const { random: seed, count = '50' } = values;
if (values.help) {
  console.log(help);
} else if ([seed, values.count].some(text => text !== undefined && !/^\d+$/.test(text))) {
  console.error(`--random and --count take whole numbers.\n\n${help}`);
  process.exitCode = 2;
} else if (seed !== undefined && positionals.length === 1) {
  const folder = resolve(positionals[0]!);
  await withPython(python => runPython(python, ['test/reference/random_goldens.py', folder, seed, count]));
} else if (seed !== undefined || values.count !== undefined) {
  console.error(`--random writes to a folder that must be named, and --count is of --random.\n\n${help}`);
  process.exitCode = 2;
} else {
  const own = fileURLToPath(new URL('../test/goldens/data', import.meta.url));
  const folder = positionals[0] ? resolve(positionals[0]) : own;
  await withPython(async python => {
    if (folder === own) rmSync(own, { recursive: true, force: true });
    return runPython(python, ['test/reference/make_goldens.py', folder]);
  });
}
