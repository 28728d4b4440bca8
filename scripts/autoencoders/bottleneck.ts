/** Identity through the bottleneck: pictures, what comes back of them, and what a thumbnail of as many numbers keeps. */
import { markdownTable } from '../markdown-table.ts';
import { type Made, type Material, shown } from './chapter.ts';
import { reconstruct } from './laboratory.ts';
import { laidOut } from './layout.ts';
import { psnr, thumbnail } from './thumbnail.ts';

export async function bottleneck({ api, side, scenes, foreign }: Material): Promise<Made> {
  const named = (caption: string) => scenes.find(scene => scene.caption.includes(caption))!;
  const originals = [
    ...[named('a fox on'), named('a Japanese castle on a red'), scenes.at(-3)!].map(({ caption, file }) => ({
      caption,
      file,
    })),
    { caption: 'a cat, photographed', file: foreign.cat },
    { caption: 'a cup of coffee, photographed', file: foreign['cup of coffee'] },
    { caption: 'text', file: foreign.text },
  ];
  const pictures = new Map<string, Uint8Array>();
  const columns: string[][] = [];
  let numbers = 0;
  let small = 0;
  for (const [i, { caption, file }] of originals.entries()) {
    const back = await reconstruct(api, file);
    numbers = back.shape.reduce((product, size) => product * size, 1);
    small = Math.floor(Math.sqrt(numbers / 3));
    const tiny = await thumbnail(file, small);
    const name = `bottleneck-${i + 1}`;
    pictures.set(name, await laidOut([[file], [back.file], [tiny]], side));
    const image = shown(name, 120, `${caption}: the picture, its reconstruction, its thumbnail`);
    columns.push([caption, image, `**${back.psnr.toFixed(1)} dB**`, `${(await psnr(file, tiny)).toFixed(1)} dB`]);
  }
  const [heads, ...rows] = [0, 1, 2, 3].map(line => columns.map(cells => cells[line]!));
  const values = 3 * side ** 2;
  const sentence =
    `Here a picture is ${side} × ${side} × 3 = ${values.toLocaleString('en')} numbers, and its code ` +
    `${numbers.toLocaleString('en')}: ${Math.round(values / numbers)} times fewer. Top to bottom: the picture; what comes ` +
    `back of it; and, for comparison, a thumbnail of ${small} × ${small} pixels, which is as many numbers as the code. ` +
    'Below: how near to the picture the second and the third are.';
  return { pictures, parts: { bottleneck: `${sentence}\n\n${markdownTable(heads!, rows)}` } };
}
