/** What is unlike the data comes back worse, or is told by the discriminator. */
import sharp from 'sharp';
import { markdownTable } from '../markdown-table.ts';
import { type Made, type Material, shown } from './chapter.ts';
import { randomImage, reconstruct, score } from './laboratory.ts';
import { laidOut } from './layout.ts';

export async function outliers({ api, side, scenes, foreign }: Material): Promise<Made> {
  const samples: Record<string, Uint8Array> = {
    'a scene': scenes.find(({ caption }) => caption.includes('sunflower'))!.file,
    'a photograph': foreign.cat,
    text: foreign.text,
    stripes: await stripes(side),
    'one colour': await sharp({ create: { width: side, height: side, channels: 3, background: '#7a9e7e' } })
      .png()
      .toBuffer(),
    'random pixels': await randomImage(api, 'PIXELS', 1),
  };
  const pictures = new Map<string, Uint8Array>();
  const columns: string[][] = [];
  for (const [i, [what, file]] of Object.entries(samples).entries()) {
    const back = await reconstruct(api, file);
    const name = `outliers-${i + 1}`;
    pictures.set(name, await laidOut([[file], [back.file]], side));
    columns.push([
      what,
      shown(name, 120, `${what}, and its reconstruction`),
      `${back.psnr.toFixed(1)} dB`,
      `discriminator ${(await score(api, file)).toFixed(2)}`,
      ...(back.outlierScore === null ? [] : [`outlierScore ${back.outlierScore.toFixed(2)}`]),
    ]);
  }
  const [heads, ...rows] = columns[0]!.map((_, line) => columns.map(cells => cells[line]!));
  return { pictures, parts: { outliers: markdownTable(heads!, rows) } };
}

/** Slanting, in two colours. */
async function stripes(side: number): Promise<Uint8Array> {
  const values = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return Math.floor((x + 2 * y) / 9) % 2 === 0 ? [230, 120, 40][i % 3]! : [30, 60, 90][i % 3]!;
  });
  return sharp(values, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}
