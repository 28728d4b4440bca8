/** Whether the outlier verdict tells a checkpoint's own kind of pictures from others: see `--help`. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { openCheckpoint } from '../../models/checkpoint/folder.ts';
import { heldOutOf } from '../../models/outlier/held-out.ts';
import { outlierVerdict } from '../../models/outlier.ts';
import { measurePictures, type Picture, readSets } from '../../scripts/outliers/measure-pictures.ts';
import { runPython, withPython } from '../../scripts/python-environment.ts';
import { areaUnderCurve } from './area-under-curve.ts';
import { iconPictures, iconSets } from './outliers/icons.ts';
import { flatPictures, noisePictures } from './outliers/made-up.ts';
import { photographPictures, photographs } from './outliers/photographs.ts';

const help = `npm run bench:outliers [-- FOLDER] [--count N]

Has the autoencoder of the checkpoint in FOLDER (default: models/shipped) make pictures again: held-out scenes of one thing
and of two, noise, scenes of shuffled tiles, photographs, icons of other sets on the data's backgrounds, pictures drawn by
rules, flat and blurred ones. Prints, for each kind, the area under the curve of telling it from held-out scenes by the
outlier measure, and how many are called outliers, beside the least that the area may be; the exit code is 1 when one is
missed.

  --count N  pictures of each kind; default 300

Takes about six minutes on two cores. Makes its own Python environment; photographs come inside of two Python packages that
are fetched once into .darkroom/outliers (23 MB).`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, count: { type: 'string', default: '300' } },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const count = Number(values.count);
if (!(Number.isInteger(count) && count > 0)) {
  console.error(`--count ${values.count}: expected a number from 1 on`);
  process.exit(2);
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(positionals[0] ?? join(root, 'models/shipped'));
const work = join(root, '.darkroom/outliers');
const own = ['one thing', 'two things'];
/** The least area under the curve of each kind against both kinds of scenes; what is not named is only reported. */
const least: Readonly<Record<string, number>> = {
  noise: 0.99,
  shuffled: 0.98,
  photographs: 0.95,
  'other icon sets': 0.85,
};

await withPython(async python => {
  const checkpoint = await openCheckpoint(checkpointFiles(folder));
  const heldOut = await heldOutOf(checkpoint);
  if (!heldOut) {
    console.error(`${folder} has no outliers.json: npm run outliers writes it`);
    return 1;
  }
  const drawn = join(work, 'to-tell.safetensors');
  const code = await runPython(python, ['-m', 'outliers', 'to-tell', drawn, '--count', String(count)], {
    ...process.env,
    PYTHONPATH: join(root, 'models/training'),
  });
  if (code !== 0) return code;
  const sets = readSets(drawn);
  const measures = await measurePictures(folder, new Map([...sets, ...(await otherPictures(python, sets))]));
  const icons = iconSets.flatMap(set => measures.get(set)!);
  return print(new Map([...measures, ['other icon sets', icons]]), found => outlierVerdict(found, heldOut).outlier);
});

/** What this program makes itself. */
async function otherPictures(python: string, sets: ReadonlyMap<string, readonly Picture[]>) {
  const scenes = own.flatMap(name => sets.get(name)!);
  const { dims } = scenes[0]!;
  const pictures = new Map<string, readonly Picture[]>();
  pictures.set('noise', noisePictures(count, dims));
  pictures.set('photographs', await photographPictures(await photographs(python, work), count, dims[0]!));
  for (const set of iconSets) pictures.set(set, await iconPictures(set, scenes.slice(0, count)));
  pictures.set('flat', flatPictures(count, dims));
  return pictures;
}

/** @returns 1 where a bar was missed, 0 where none was */
function print(measures: ReadonlyMap<string, readonly number[]>, isOutlier: (measure: number) => boolean): number {
  const against = [...own.map(name => measures.get(name)!), own.flatMap(name => measures.get(name)!)];
  let missed = false;
  console.log(
    `${'pictures'.padEnd(20)}${'count'.padStart(6)}   AUC against one thing, two things, both    called outliers`,
  );
  for (const [name, found] of measures) {
    const areas = own.includes(name) ? [] : against.map(scenes => areaUnderCurve(found, scenes));
    const bar = least[name];
    const isBelow = bar !== undefined && areas.at(-1)! < bar;
    missed ||= isBelow;
    const shown = areas.map(area => area.toFixed(3).padStart(10)).join('');
    const outliers = `${((100 * found.filter(isOutlier).length) / found.length).toFixed(1)} %`;
    const wanted = bar === undefined ? '' : `   at least ${bar}${isBelow ? '   MISSED' : ''}`;
    console.log(
      `${name.padEnd(20)}${String(found.length).padStart(6)}${shown.padEnd(40)}${outliers.padStart(12)}${wanted}`,
    );
  }
  return missed ? 1 : 0;
}
