/**
 * Compares Darkroom with reference numbers: see `--help`.
 */
import { parseArgs } from 'node:util';
import { formatReport } from '../test/goldens/format-report.ts';
import { GoldenError } from '../test/goldens/golden-folder.ts';
import { runGoldens } from '../test/goldens/run-goldens.ts';

const help = `npm run goldens [-- FOLDER]

Compares tokenizer, noise, schedulers, models and whole pipelines with the reference data in FOLDER (default: the
project's own, test/goldens/data). Prints the worst error of every kind beside its tolerance, what failed, what is not
supported yet, and ends with "N passed, N failed, N skipped". The exit code is 1 when anything failed.`;

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (positionals.length > 1) {
    console.error(`One folder at a time, not ${positionals.length}.\n\n${help}`);
    return 2;
  }
  const root = positionals[0] ?? new URL('../test/goldens/data', import.meta.url).pathname;
  try {
    const report = await runGoldens(root);
    console.log(formatReport(report));
    const { passed, failed, skipped } = report.counts;
    if (passed + failed + skipped === 0) console.error(`${root}: no reference data in it`);
    return failed > 0 || passed + skipped === 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof GoldenError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function parse() {
  return parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
}

process.exitCode = await main();
