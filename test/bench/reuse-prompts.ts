/**
 * How alike prompts are that differ in one thing: see `--help`.
 */
import { fileURLToPath } from 'node:url';
import { runPython, withPython } from '../../scripts/python-environment.ts';

const program = fileURLToPath(new URL('reuse/prompt_similarity.py', import.meta.url));

await withPython(python =>
  runPython(python, [program, ...process.argv.slice(2)], {
    ...process.env,
    PYTHONPATH: 'models/training',
    OMP_WAIT_POLICY: 'PASSIVE',
  }),
);
