/** Measures a checkpoint's own held-out scenes for the verdict of outliers: see `--help`. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkpointFiles } from '../gpu-backend/checkpoint-files.ts';
import { openCheckpoint } from '../models/checkpoint/folder.ts';
import { outliersFile } from '../models/outlier/held-out.ts';
import { outlierMeasureName } from '../models/outlier.ts';
import { writeWhole } from './evaluate/job.ts';
import { measurePictures, readSets } from './outliers/measure-pictures.ts';
import { runPython, withPython } from './python-environment.ts';
import { told } from './told.ts';

const help = `npm run outliers [-- FOLDER] [--count N] [--threshold QUANTILE]

Draws scenes that no part of the checkpoint in FOLDER (default: models/shipped) was trained on, half of them of one thing and
half of two, has its autoencoder make them again, and writes how far off each is to FOLDER/${outliersFile}: what reconstruct's
outlier verdict compares a picture with. To be run again after the autoencoder's weights change: a checkpoint with another
autoencoder's numbers is refused.

  --count N             how many scenes; default 500
  --threshold QUANTILE  above which a picture is an outlier; default 0.99

Makes its own Python environment; takes about two minutes on two cores.`;

const root = fileURLToPath(new URL('..', import.meta.url));

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      count: { type: 'string', default: '500' },
      threshold: { type: 'string', default: '0.99' },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const { count } = values;
  if (!/^[1-9]\d{0,4}$/.test(count)) throw new RangeError(`--count ${count}: expected a number from 1 on`);
  const threshold = Number(values.threshold);
  if (!(threshold > 0 && threshold < 1)) {
    throw new RangeError(`--threshold ${values.threshold}: expected a number between 0 and 1`);
  }
  const folder = resolve(positionals[0] ?? join(root, 'models/shipped'));
  const files = checkpointFiles(folder);
  const autoencoder = await files.sha256((await openCheckpoint(files)).vae.weights.file);
  const scenes = join(root, '.darkroom/outliers/held-out.safetensors');
  await withPython(async python => {
    const drawn = await runPython(python, ['-m', 'outliers', 'held-out', scenes, '--count', count], {
      ...process.env,
      PYTHONPATH: join(root, 'models/training'),
    });
    if (drawn !== 0) return drawn;
    const measures = [...(await measurePictures(folder, readSets(scenes))).values()].flat();
    const sorted = measures.map(measure => Number(measure.toPrecision(4))).sort((a, b) => a - b);
    const head = { version: 1, measure: outlierMeasureName, autoencoder, threshold };
    writeWhole(join(folder, outliersFile), `${JSON.stringify({ ...head, measures: sorted })}\n`);
    console.log(`${sorted.length} scenes, median ${sorted[sorted.length >> 1]}: ${join(folder, outliersFile)}`);
    return 0;
  });
}

await told(help, main);
