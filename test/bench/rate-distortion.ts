/**
 * What `.dklat` files are worth beside those of other codecs: see `--help`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CheckpointError } from '../../models/checkpoint/error.ts';
import { writeWhole } from '../../scripts/evaluate/job.ts';
import { PythonError, pythonEnvironment } from '../../scripts/python-environment.ts';
import { chart } from './rate-distortion/chart.ts';
import { type Measured, measure } from './rate-distortion/measure.ts';
import { farAhead, tables } from './rate-distortion/tables.ts';

const help = `npm run bench:rate-distortion [-- FOLDER] [--scenes N] [--out FOLDER] [--rows FILE]

Codes N held-out scenes of 128 × 128 pixels (half of them of two things) as .dklat of 2 to 8 bits with the checkpoint in FOLDER
(default: models/shipped), and as JPEG, WebP, WebP at half size and AVIF at several settings. Prints, by codec and setting, the
means of

- bytes, and PSNR to the rendering;
- similarity: the cosine of the embeddings of rendering and decoded picture, each encoded by the autoencoder and embedded;
- the judge's accuracy: in how many pictures it finds every thing where it is, also per byte;

then all codecs at equal bytes, and where .dklat stops winning. The exit code is 1 when it is nowhere 2 dB better than JPEG in
files of 900 bytes or less.

  --scenes N    how many (100)
  --out FOLDER  writes the tables into compression.md, between its markers, and the curves into pictures/rate-distortion.svg;
                docs is the project's own
  --rows FILE   keeps what was measured; where it is there already, nothing is measured

A scene takes 6 seconds on two idle cores. Needs Python for the scenes and the judge, and makes its own environment.`;

const markers = ['<!-- rate-distortion: begin -->', '<!-- rate-distortion: end -->'] as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      scenes: { type: 'string', default: '100' },
      out: { type: 'string' },
      rows: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const count = Number(values.scenes);
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`--scenes ${values.scenes}: expected a number from 1 on`);
  const folder = resolve(positionals[0] ?? fileURLToPath(new URL('../../models/shipped', import.meta.url)));
  const measured = (values.rows ? earlier(values.rows) : null) ?? (await measuredAnew(folder, count));
  if (values.rows) writeWhole(resolve(values.rows), `${JSON.stringify(measured, null, 1)}\n`);
  console.log(tables(measured).join('\n'));
  if (values.out) write(resolve(values.out), measured);
  process.exitCode = farAhead(measured).length > 0 ? 0 : 1;
}

function earlier(file: string): Measured | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Measured;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}

async function measuredAnew(folder: string, count: number): Promise<Measured> {
  // Whoever has no Python should hear of it before anything is made.
  await pythonEnvironment();
  const work = mkdtempSync(join(tmpdir(), 'darkroom-rate-distortion-'));
  try {
    return await measure(folder, count, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function write(folder: string, measured: Measured): void {
  const page = join(folder, 'compression.md');
  const [before, rest = ''] = readFileSync(page, 'utf8').split(markers[0]);
  const [, after] = rest.split(markers[1]);
  if (after === undefined) throw new RangeError(`${page} lacks the markers ${markers.join(' and ')}`);
  const between = [markers[0], '', ...tables(measured), '', markers[1]].join('\n');
  writeFileSync(page, `${before}${between}${after}`);
  mkdirSync(join(folder, 'pictures'), { recursive: true });
  const [bound] = measured.unquantised.points;
  writeFileSync(join(folder, 'pictures/rate-distortion.svg'), chart(measured.curves, bound!));
}

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  const isWrong = error instanceof RangeError || code?.startsWith('ERR_PARSE_ARGS');
  if (!isWrong && !(error instanceof PythonError) && !(error instanceof CheckpointError)) throw error;
  process.exitCode = isWrong ? 2 : 1;
  console.error(isWrong ? `${message}\n\n${help}` : message);
}
