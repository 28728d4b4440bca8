/**
 * Makes the project's own reference data anew: see `--help`.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPython, withPython } from './python-environment.ts';

const help = `npm run goldens:make [-- FOLDER]

Computes reference numbers with diffusers, transformers and PyTorch: a tiny random checkpoint, and what they make of it.
Writes them to FOLDER (default: test/goldens/data, whose contents it replaces). Makes its own Python environment.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(help);
} else {
  const own = fileURLToPath(new URL('../test/goldens/data', import.meta.url));
  const folder = positionals[0] ? resolve(positionals[0]) : own;
  await withPython(async python => {
    if (folder === own) rmSync(own, { recursive: true, force: true });
    return runPython(python, ['test/reference/make_goldens.py', folder]);
  });
}
