/**
 * Measures how good a checkpoint of Darkroom's own is: see `--help`.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkpointFiles } from '../gpu-backend/checkpoint-files.ts';
import { CheckpointError } from '../models/checkpoint/error.ts';
import { openCheckpoint } from '../models/checkpoint/folder.ts';
import { figuresDigest } from './evaluate/figures-digest.ts';
import { readJob, readReferences, writeResults } from './evaluate/job.ts';
import { makePictures, makeReconstructions, timePictures } from './evaluate/pictures.ts';
import { sourcesDigest } from './evaluate/sources-digest.ts';
import { ownSettings } from './parity/settings.ts';
import { runPython, withPython } from './python-environment.ts';
import { told } from './told.ts';

const parts = [
  ...['singles', 'detail', 'background', 'pairs', 'reconstructions', 'autoencoder', 'embedder', 'discriminator'],
  ...['best-of', 'size', 'speed', 'judge', 'sheet'],
];

const help = `npm run evaluate [-- FOLDER] [--only PART,…] [--count N]

Measures the checkpoint in FOLDER (default: models/shipped): Darkroom itself makes pictures of scenes and with seeds that
training never uses, and a judge that had no part in training names what is in them. Prints figures with 95 % intervals,
writes them to FOLDER/figures.json and FOLDER/MODEL_CARD.md, and the sample sheet to FOLDER/samples.png.

  --only PART,…  some parts only: ${parts.slice(0, 7).join(', ')},
                 ${parts.slice(7).join(', ')}
                 (other parts' figures of the same checkpoint stay as they are)
  --count N      a short form: at most N pictures for each figure

Pictures are kept in .darkroom/evaluation/, by checkpoint, code, prompt and seed: what is there is not made again. What the
judge said of each is written beside them, as contact sheets. All of it takes about half an hour on two cores. Makes its
own Python environment. The exit code is 0 whatever the figures are.`;

const root = fileURLToPath(new URL('..', import.meta.url));

async function main(): Promise<void> {
  const options = {
    help: { type: 'boolean', short: 'h' },
    only: { type: 'string' },
    count: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  if (values.help) {
    console.log(help);
    return;
  }
  // Before Python's environment is made, which takes minutes.
  const unknown = values.only?.split(',').filter(name => !parts.includes(name.trim())) ?? [];
  if (unknown.length > 0) throw new RangeError(`--only ${unknown.join(',')}: there are ${parts.join(', ')}`);
  if (values.count !== undefined && !/^[1-9]\d{0,5}$/.test(values.count)) {
    throw new RangeError(`--count ${values.count}: expected a number from 1 on`);
  }
  const folder = resolve(positionals[0] ?? join(root, 'models/shipped'));
  const own = await ownSettings(folder);
  if (!own) throw new CheckpointError('model_index.json', null, 'a checkpoint', `nothing in ${folder}`);
  const settings = { ...own, start: null };
  const digest = await figuresDigest(await openCheckpoint(checkpointFiles(folder)));
  const code = sourcesDigest(join(root, 'models'));
  const work = join(root, '.darkroom/evaluation', `${digest.slice(0, 16)}-${code.slice(0, 8)}`);
  const wanted = (['only', 'count'] as const).flatMap(name => (values[name] ? [`--${name}`, values[name]] : []));

  await withPython(async python => {
    const run = (...args: string[]) =>
      runPython(python, ['-m', 'evaluation', ...args], { ...process.env, PYTHONPATH: 'models/training' });
    const drawn = await run('draw', work, ...wanted);
    if (drawn !== 0) return drawn;
    const job = readJob(work);
    const pictures = await makePictures(settings, job.pictures, join(work, 'pictures'));
    const references = job.references > 0 ? readReferences(work) : null;
    const reconstructions = references
      ? await makeReconstructions(settings, references, join(work, 'reconstructions'))
      : [];
    const seconds = job.timed.length > 0 ? await timePictures(settings, job.timed) : [];
    const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0]! };
    writeResults(work, { checkpoint: digest, pictures, reconstructions, seconds, machine });
    return run('figures', work, '--checkpoint', folder);
  });
}

await told(help, main);
