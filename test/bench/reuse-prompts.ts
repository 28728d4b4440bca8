/**
 * How alike prompts are that differ in one thing: see `--help`.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPython, withPython } from '../../scripts/python-environment.ts';

const help = `npm run bench:reuse-prompts [-- --pairs N]

Draws pairs of prompts that differ in one thing (background, a thing, a size, the sides) or say the same in other words, and
prints how many of each reach a similarity in the embedder's space: above which one may take a prompt for a paraphrase, as
worker/approximate/steps-to-skip.ts does.

  --pairs N   pairs of each kind (1500)

Takes seconds. Needs Python for the embedder, and makes its own environment.`;

const program = fileURLToPath(new URL('reuse/prompt_similarity.py', import.meta.url));
const environment = { ...process.env, PYTHONPATH: 'models/training', OMP_WAIT_POLICY: 'PASSIVE' };

try {
  const options = { help: { type: 'boolean', short: 'h' }, pairs: { type: 'string', default: '1500' } } as const;
  const { values } = parseArgs({ options });
  if (values.help) console.log(help);
  else if (!/^[1-9]\d{0,5}$/.test(values.pairs))
    throw new RangeError(`--pairs ${values.pairs}: expected a number from 1 on`);
  else await withPython(python => runPython(python, [program, values.pairs], environment));
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  if (!(error instanceof RangeError || code?.startsWith('ERR_PARSE_ARGS'))) throw error;
  console.error(`${message}\n\n${help}`);
  process.exitCode = 2;
}
