/** New pictures: between two codes, and by chance. */
import sharp from 'sharp';
import { markdownTable } from '../markdown-table.ts';
import { type Made, type Material, shown } from './chapter.ts';
import { type Chance, encode, interpolate, randomImage, reconstruct, score } from './laboratory.ts';
import { laidOut } from './layout.ts';

const STEPS = 7;
const SEEDS = [1, 2, 3, 4];

/** Ends of the ways that are shown. */
const WAYS = [
  ['a fox on a black background', 'a panda on a black background'],
  ['a strawberry on a purple background', 'a rocket on a blue background'],
];

export async function between({ api, scenes }: Material): Promise<Made> {
  const named = (caption: string) => scenes.find(scene => scene.caption === caption)!;
  const pictures = new Map<string, Uint8Array>();
  const parts: string[] = [];
  for (const [i, [from, to]] of WAYS.entries()) {
    const keys = [await encode(api, named(from!).file), await encode(api, named(to!).file)];
    const images = await interpolate(api, keys[0]!, keys[1]!, STEPS);
    const faded = await Promise.all(images.map((_, k) => crossFade(images[0]!, images.at(-1)!, k / (STEPS - 1))));
    const name = `between-${i + 1}`;
    pictures.set(name, await laidOut([images, faded], 112));
    parts.push(shown(name, 840, `from ${from} to ${to}: codes above, pixels below`));
  }
  return { pictures, parts: { between: parts.join('\n\n') } };
}

/** One picture shows through the other. */
async function crossFade(from: Uint8Array, to: Uint8Array, share: number): Promise<Uint8Array> {
  const [a, b] = await Promise.all(
    [from, to].map(file => sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })),
  );
  const mixed = Uint8Array.from(a!.data, (value, i) => Math.round(value * (1 - share) + b!.data[i]! * share));
  const { width, height } = a!.info;
  return sharp(mixed, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

const kinds: Record<Chance, string> = {
  PIXELS: 'pixels',
  LATENT: 'a latent',
  DATA: 'what it learned',
};

export async function chance({ api }: Material): Promise<Made> {
  const pictures = new Map<string, Uint8Array>();
  const rows: string[][] = [];
  for (const [kind, what] of Object.entries(kinds) as [Chance, string][]) {
    const files: Uint8Array[] = [];
    const [psnrs, scores]: number[][] = [[], []];
    for (const seed of SEEDS) {
      const file = await randomImage(api, kind, seed);
      files.push(file);
      psnrs!.push((await reconstruct(api, file)).psnr);
      scores!.push(await score(api, file));
    }
    const name = `random-${kind.toLowerCase()}`;
    pictures.set(name, await laidOut([files], 112));
    const list = (values: readonly number[], digits: number) => values.map(value => value.toFixed(digits)).join(', ');
    const bytes = files.map(file => (file.length / 1024).toFixed(0)).join(', ');
    rows.push([
      `\`${kind}\`: ${what}`,
      shown(name, 420, `four random images of kind ${kind}`),
      `${list(psnrs!, 1)} dB`,
      list(scores!, 2),
      `${bytes} KiB`,
    ]);
  }
  const heads = ['chance in', `seeds ${SEEDS.join(', ')}`, 'reconstructed', 'discriminator', 'PNG'];
  return { pictures, parts: { chance: markdownTable(heads, rows) } };
}
