/** Has a running Darkroom make the README's contact sheet: see `--help`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Progress } from '../progress.ts';

const root = join(import.meta.dirname, '../..');
const picture = 'docs/pictures/japanese-castle.png';
const prompt = 'a Japanese castle on a blue background';
const steps = ['10', '15', '20', '30', '40'];
const seeds = ['1', '2', '3'];

const help = `npm run docs:contact-sheet [-- --url URL] [--out FILE]

Asks a started Darkroom (npm start, in another terminal) for the contact sheet of "${prompt}":
${steps.join(', ')} DDIM steps against the seeds ${seeds.join(', ')}. Writes the picture and prints how long it took.

  --url URL   where it runs; default http://127.0.0.1:8787
  --out FILE  default ${picture}`;

const mutation = `mutation ($input: ContactSheetInput!) { contactSheet(input: $input) {
  ... on ContactSheet { id progress { steps } }
  ... on Error { code message }
} }`;
const query = `query ($id: ID!) { node(id: $id) { ... on ContactSheet {
  status progress { step } image { url width height } failure { message } createdAt finishedAt
  cells { reuse { skippedSteps } }
} } }`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      url: { type: 'string', default: 'http://127.0.0.1:8787' },
      out: { type: 'string', default: join(root, picture) },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const sheet = await made(values.url);
  if (sheet.status !== 'SUCCEEDED') throw new Error(`the sheet is ${sheet.status}: ${sheet.failure?.message ?? ''}`);
  const response = await fetch(sheet.image.url);
  if (!response.ok) throw new Error(`${sheet.image.url} answers ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const out = resolve(values.out);
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, bytes);
  const seconds = (Date.parse(sheet.finishedAt) - Date.parse(sheet.createdAt)) / 1_000;
  const skipped = sheet.cells.flat().reduce((sum: number, { reuse }: Cell) => sum + (reuse?.skippedSteps ?? 0), 0);
  const { width, height } = sheet.image;
  console.log(
    `${out}: ${width} × ${height}, ${bytes.byteLength} bytes, made in ${seconds.toFixed(1)} s; ${skipped} of its steps were there already`,
  );
}

interface Cell {
  readonly reuse: { readonly skippedSteps: number } | null;
}

/** The sheet, when it has ended. */
async function made(url: string) {
  const x = { parameter: 'STEPS', values: steps };
  const y = { parameter: 'SEED', values: seeds };
  const input = { base: { prompt, scheduler: 'DDIM' }, x, y };
  const { contactSheet: accepted } = await ask(url, mutation, { input });
  if (accepted.code) throw new Error(`${accepted.code}: ${accepted.message}`);
  const progress = new Progress('steps', accepted.progress.steps);
  for (let shown = 0; ; await sleep(250)) {
    const { node: sheet } = await ask(url, query, { id: accepted.id });
    if (sheet === null) throw new Error('the sheet was deleted');
    for (; shown < sheet.progress.step; shown++) progress.step();
    if (sheet.finishedAt !== null) return sheet;
  }
}

/** @throws Error with the answer's errors, or that nobody answers */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function ask(url: string, query: string, variables: object): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  }).catch(error => {
    throw new Error(`Nobody answers at ${url}: npm start, in another terminal, or name another address with --url`, {
      cause: error,
    });
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: readonly { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return data;
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
