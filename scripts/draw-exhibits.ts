/** Draws docs/exhibits' sheets anew: see `--help`. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPython, withPython } from './python-environment.ts';

const help = `npm run docs:draw

Draws the sheets in docs/exhibits, which npm run features and npm run docs:autoencoders begin with: scenes, digits and
garments of the shipped checkpoint's world, in looks and of seeds that training never draws. Makes its own Python
environment (about 5 GB); the programs that use the sheets need none. The same fonts give the same pictures.`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help) console.log(help);
else {
  const folder = fileURLToPath(new URL('../docs/exhibits', import.meta.url));
  const environment = { ...process.env, PYTHONPATH: 'models/training' };
  await withPython(python => runPython(python, ['-m', 'exhibits', folder], environment));
}
