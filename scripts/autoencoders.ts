/**
 * Makes the pictures and figures of docs/autoencoders.md: see `--help`.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bottleneck } from './autoencoders/bottleneck.ts';
import type { Chapter } from './autoencoders/chapter.ts';
import { compression } from './autoencoders/compression.ts';
import { encodingMap } from './autoencoders/encoding-map.ts';
import { likeness } from './autoencoders/likeness.ts';
import { gather } from './autoencoders/material.ts';
import { outliers } from './autoencoders/outliers.ts';
import { between, chance } from './autoencoders/synthesis.ts';
import { ApiError, DarkroomApi } from './darkroom-api.ts';
import { withPart } from './marked-part.ts';
import { Progress } from './progress.ts';

const chapters: Readonly<Record<string, Chapter>> = {
  bottleneck,
  likeness,
  map: encodingMap,
  outliers,
  between,
  chance,
  compression,
};

const help = `npm run docs:autoencoders [-- --url URL] [--only CHAPTER,…]

Makes the pictures and figures of docs/autoencoders.md anew: asks a running Darkroom to encode, reconstruct, compare, mix and
compress what lies in docs/exhibits, writes docs/pictures, and the tables between the document's marks.

  --url URL           the server (http://127.0.0.1:8787); one with nothing stored searches fastest
  --only CHAPTER,…    some of ${Object.keys(chapters).join(', ')}

Takes a minute or two. The same checkpoint gives the same pictures, but for what another processor rounds otherwise.`;

const docs = fileURLToPath(new URL('../docs', import.meta.url));

async function main(): Promise<void> {
  const options = {
    help: { type: 'boolean', short: 'h' },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    only: { type: 'string' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(help);
    return;
  }
  const names = values.only?.split(',') ?? Object.keys(chapters);
  const unknown = names.filter(name => !Object.hasOwn(chapters, name));
  if (unknown.length > 0)
    throw new ApiError(`--only ${unknown.join(',')}: there are ${Object.keys(chapters).join(', ')}`);

  const material = await gather(new DarkroomApi(values.url));
  const file = join(docs, 'autoencoders.md');
  await mkdir(join(docs, 'pictures'), { recursive: true });
  const progress = new Progress('chapters', names.length);
  for (const name of names) {
    const { pictures, parts } = await chapters[name]!(material);
    for (const [picture, bytes] of pictures) await writeFile(join(docs, 'pictures', `${picture}.webp`), bytes);
    let document = await readFile(file, 'utf8');
    for (const [part, text] of Object.entries(parts)) document = withPart(document, part, text);
    await writeFile(file, document);
    progress.step();
  }
}

main().catch(error => {
  if (!(error instanceof ApiError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
